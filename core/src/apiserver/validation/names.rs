//! What names, labels, ports and addresses must look like, and upstream's words where they do not.
//! Upstream: `k8s.io/apimachinery/pkg/util/validation/validation.go`.

use std::net::IpAddr;

use super::field::{Faults, Path};

/// What a DNS label is made of, as regular expressions say it.
const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_RULE: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
     and end with an alphanumeric character";
const SUBDOMAIN_RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
     start and end with an alphanumeric character";
const WILDCARD_RULE: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower \
     case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const QUALIFIED: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const QUALIFIED_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must \
     start and end with an alphanumeric character";

/// A rule with examples and its regular expression: `… (e.g. 'a',  or 'b', regex used for validation is 'x')`.
fn rule(rule: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}'")).collect();
    format!("{rule} (e.g. {}, regex used for validation is '{regex}')", examples.join(",  or "))
}

/// A lower-case word of letters, digits and inner dashes.
fn is_label(text: &str) -> bool {
    let is_edge =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = text.as_bytes();
    is_edge(bytes.first())
        && is_edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// Letters, digits and inner `-_.`
fn is_qualified(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// RFC 1123 labels: names of containers, volumes, namespaces, Services.
pub(in crate::apiserver) fn dns_label(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 63 {
        faults.push("must be no more than 63 characters".to_owned());
    }
    if !is_label(text) {
        faults.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            rule(LABEL_RULE, LABEL, &["my-name", "123-abc"])
        });
    }
    faults
}

/// RFC 1123 subdomains: names of most objects.
pub(super) fn dns_subdomain(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 253 {
        faults.push("must be no more than 253 characters".to_owned());
    }
    if !is_subdomain(text) {
        faults.push(rule(SUBDOMAIN_RULE, &format!("{LABEL}(\\.{LABEL})*"), &["example.com"]));
    }
    faults
}

/// Hosts that requests are for: `shop.example.com`, or `*.example.com`.
pub(super) fn host(text: &str) -> Vec<String> {
    if !text.contains('*') {
        return dns_subdomain(text);
    }
    let mut faults = Vec::new();
    if text.len() > 253 {
        faults.push("must be no more than 253 characters".to_owned());
    }
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        faults.push(rule(WILDCARD_RULE, &format!("\\*\\.{LABEL}(\\.{LABEL})*"), &["*.example.com"]));
    }
    faults
}

/// `prefix/name` or `name`: keys of labels and annotations, names of finalizers and resources.
pub(super) fn qualified_name(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split('/').collect();
    let (prefix, name) = match parts[..] {
        [name] => (None, name),
        [prefix, name] => (Some(prefix), name),
        _ => {
            let rule = rule(QUALIFIED_RULE, QUALIFIED, &["MyName", "my.name", "123-abc"]);
            let tail = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a qualified name {rule} {tail}")];
        }
    };
    let mut faults = Vec::new();
    match prefix {
        None => {}
        Some("") => faults.push("prefix part must be non-empty".to_owned()),
        Some(prefix) => {
            faults.extend(dns_subdomain(prefix).into_iter().map(|fault| format!("prefix part {fault}")));
        }
    }
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        faults.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_qualified(name) {
        let rule = rule(QUALIFIED_RULE, QUALIFIED, &["MyName", "my.name", "123-abc"]);
        faults.push(format!("name part {rule}"));
    }
    faults
}

/// Values of labels.
pub(crate) fn label_value(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 63 {
        faults.push("must be no more than 63 bytes".to_owned());
    }
    if !text.is_empty() && !is_qualified(text) {
        let regex = format!("({QUALIFIED})?");
        faults.push(rule(LABEL_VALUE_RULE, &regex, &["MyValue", "my_value", "12345"]));
    }
    faults
}

/// Names of ports, which containers and probes may use instead of numbers.
pub(super) fn port_name(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut refuse = |refuses: bool, fault: &str| {
        if refuses {
            faults.push(fault.to_owned());
        }
    };
    let is_port_byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    refuse(text.len() > 15, "must be no more than 15 characters");
    refuse(
        text.is_empty() || !text.bytes().all(is_port_byte),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    refuse(!text.bytes().any(|byte| byte.is_ascii_lowercase()), "must contain at least one letter (a-z)");
    refuse(text.contains("--"), "must not contain consecutive hyphens");
    refuse(text.starts_with('-') || text.ends_with('-'), "must not begin or end with a hyphen");
    faults
}

/// What a port number must be.
pub(super) const PORT_RANGE: &str = "must be between 1 and 65535, inclusive";

/// Whether a number is a port.
pub(super) fn is_port(number: i32) -> bool {
    (1..=65535).contains(&number)
}

/// Keys of ConfigMaps and Secrets.
pub(super) fn config_key(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 253 {
        faults.push("must be no more than 253 characters".to_owned());
    }
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.is_empty() || !text.bytes().all(is_key) {
        let words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        faults.push(rule(words, "[-._a-zA-Z0-9]+", &["key.name", "KEY_NAME", "key-name"]));
    }
    if text == "." || text == ".." {
        faults.push(format!("must not be '{text}'"));
    } else if text.starts_with("..") {
        faults.push("must not start with '..'".to_owned());
    }
    faults
}

/// Names of environment variables.
pub(super) fn environment_name(text: &str) -> Vec<String> {
    let is_printable = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'=';
    if !text.is_empty() && text.bytes().all(is_printable) {
        return Vec::new();
    }
    let rule =
        "a valid environment variable name must consist only of printable ASCII characters other than '='";
    vec![rule.to_owned()]
}

/// Names of HTTP headers.
pub(super) fn header_name(text: &str) -> Vec<String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Vec::new();
    }
    let words = "a valid HTTP header must consist of alphanumeric characters or '-'";
    vec![rule(words, "[-A-Za-z0-9]+", &["X-Header-Name"])]
}

/// `25%`
pub(super) fn percent(text: &str) -> Vec<String> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let words = "a valid percent string must be a numeric string followed by an ending '%'";
    vec![rule(words, "[0-9]+%", &["1%", "93%"])]
}

/// Domains that names without one are looked up in.
pub(super) fn search_domain(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 253 {
        faults.push("must be no more than 253 characters".to_owned());
    }
    let is_word =
        |part: &str| is_label(&part.replace('_', "-")) && !part.starts_with('_') && !part.ends_with('_');
    if !text.split('.').all(is_word) {
        let words = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', \
                     and must start and end with an alphanumeric character";
        let label = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
        faults.push(rule(words, &format!("{label}(\\.{label})*"), &["example.com"]));
    }
    faults
}

/// Names that can stand in a request's path.
pub(super) fn path_segment(text: &str) -> Vec<String> {
    if text == "." || text == ".." {
        return vec![format!("may not be '{text}'")];
    }
    let illegal = ["/", "%"].into_iter().filter(|illegal| text.contains(illegal));
    illegal.map(|illegal| format!("may not contain '{illegal}'")).collect()
}

/// Checks an address of either family, as it is written nowadays.
pub(super) fn address(text: &str, path: Path<'_>, faults: &mut Faults) {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => {
            faults.invalid(path, text, "must not be an IPv4-mapped IPv6 address");
        }
        Ok(_) => {}
        Err(_) if without_leading_zeros(text).parse::<IpAddr>().is_ok() => {
            faults.invalid(path, text, "must not have leading 0s");
        }
        Err(_) => {
            faults.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }
}

/// Checks a network: `10.9.8.0/24`.
pub(super) fn network(text: &str, path: Path<'_>, faults: &mut Faults) {
    let parsed = text.split_once('/').and_then(|(address, bits)| {
        let plain: IpAddr = without_leading_zeros(address).parse().ok()?;
        let most = if plain.is_ipv4() { 32 } else { 128 };
        let length = bits.parse::<u8>().ok().filter(|length| *length <= most)?;
        let has_zeros = address.parse::<IpAddr>().is_err() || bits != length.to_string();
        Some((plain, u32::from(length), has_zeros))
    });
    let Some((address, length, has_zeros)) = parsed else {
        let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
        return faults.invalid(path, text, detail);
    };
    let has_host = match address {
        IpAddr::V4(address) => u32::from(address).checked_shl(length).unwrap_or(0) != 0,
        IpAddr::V6(address) => u128::from(address).checked_shl(length).unwrap_or(0) != 0,
    };
    if has_zeros {
        faults.invalid(path, text, "must not have leading 0s in IP or prefix length");
    } else if has_host {
        faults.invalid(path, text, "must not have bits set beyond the prefix length");
    }
}

/// An address of the fourth version may be written with zeros before its numbers, which some read as octal.
fn without_leading_zeros(text: &str) -> String {
    let parts: Vec<&str> = text.split('.').collect();
    let plain = |part: &&str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    parts.iter().map(plain).collect::<Vec<String>>().join(".")
}

/// Why an address cannot be somebody's, if it cannot. Upstream: `ValidateNonSpecialIP`.
pub(super) fn special_address(address: IpAddr) -> Option<String> {
    let (is_link_local, is_link_local_multicast) = match address {
        IpAddr::V4(address) => (address.is_link_local(), address.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(address) => (address.is_unicast_link_local(), address.segments()[0] & 0xff0f == 0xff02),
    };
    let range = if address.is_unspecified() {
        return Some(format!("may not be unspecified ({address})"));
    } else if address.is_loopback() {
        "loopback range (127.0.0.0/8, ::1/128)"
    } else if is_link_local {
        "link-local range (169.254.0.0/16, fe80::/10)"
    } else if is_link_local_multicast {
        "link-local multicast range (224.0.0.0/24, ff02::/10)"
    } else {
        return None;
    };
    Some(format!("may not be in the {range}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_lower_case_and_short() {
        assert_eq!(dns_label("web-1"), Vec::<String>::new());
        assert_eq!(dns_label("web.1"), ["must not contain dots"]);
        assert_eq!(dns_label(&"w".repeat(64)), ["must be no more than 63 characters"]);
        assert_eq!(dns_label("Web").len(), 1);
    }

    #[test]
    fn qualified_names_have_at_most_one_prefix() {
        assert_eq!(qualified_name("app.kubernetes.io/name"), Vec::<String>::new());
        assert_eq!(qualified_name("/name"), ["prefix part must be non-empty"]);
        assert_eq!(qualified_name("").len(), 2);
        assert!(qualified_name("a/b/c")[0].ends_with("(e.g. 'example.com/MyName')"));
    }

    #[test]
    fn port_names_tell_everything_that_is_wrong() {
        assert_eq!(port_name("http"), Vec::<String>::new());
        assert_eq!(port_name("HTTP").len(), 2);
        assert_eq!(
            port_name("-a--b"),
            ["must not contain consecutive hyphens", "must not begin or end with a hyphen"]
        );
    }
}
