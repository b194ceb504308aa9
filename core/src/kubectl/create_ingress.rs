//! What `kubectl create ingress` makes of a command line. Upstream: `k8s.io/kubectl/pkg/cmd/create/create_ingress.go`.
//!
//! ```text
//! shop.example/cart*=cart:80,tls=shop     host, path (a * at its end: a prefix), Service and port, and a certificate
//! ```

use serde_json::{Map, Value, json};

use super::create;
use super::flags::{self, Arguments, Flag, Takes};

const FLAGS: [Flag; 7] = [
    flags::DRY_RUN,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("annotation", None, Takes::Text),
    Flag::new("class", None, Takes::Text),
    Flag::new("default-backend", None, Takes::Text),
    Flag::new("rule", None, Takes::Text),
];

/// A rule, taken apart.
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    service: (&'a str, &'a str),
    /// The Secret that is named, if any is, where the host is to be encrypted.
    tls: Option<&'a str>,
}

/// `create ingress shop --rule=shop.example/cart*=cart:80`
pub(super) fn ingress(words: &[String]) -> Result<(Value, Arguments), String> {
    let arguments = Arguments::read("kubectl create ingress", words, &FLAGS)?;
    let mut metadata = create::named(create::one_name(&arguments)?, &arguments);
    let backend = arguments.text("default-backend").filter(|backend| !backend.is_empty());
    if backend.is_none() && arguments.text("rule").is_none() {
        return Err(
            "error: not enough information provided: every ingress has to either specify a default-backend \
                    (which catches all traffic) or a list of rules (which catch specific paths)"
                .to_owned(),
        );
    }
    let rules: Vec<Rule<'_>> = arguments.texts("rule").map(rule).collect::<Result<_, _>>()?;
    let annotations = annotations(&arguments)?;
    if !annotations.is_empty() {
        metadata["annotations"] = annotations.into();
    }
    let mut spec = json!({});
    if let Some(class) = arguments.text("class").filter(|class| !class.is_empty()) {
        spec["ingressClassName"] = json!(class);
    }
    if let Some(backend) = backend {
        let service = backend.split_once(':').filter(|(_, port)| !port.contains(':'));
        let fault = "error: default-backend should be in format servicename:serviceport";
        spec["defaultBackend"] = service_backend(service.ok_or(fault)?);
    }
    let certificates = certificates(&rules);
    if !certificates.is_empty() {
        spec["tls"] = certificates.into();
    }
    let hosts = hosts(&rules);
    if !hosts.is_empty() {
        spec["rules"] = hosts.into();
    }
    Ok((json!({ "metadata": metadata, "spec": spec }), arguments))
}

fn annotations(arguments: &Arguments) -> Result<Map<String, Value>, String> {
    let pair = |text: &str| match text.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), json!(value))),
        None => Err(format!("error: annotation {text} is invalid and should be in format key=[value]")),
    };
    arguments.texts("annotation").map(pair).collect()
}

fn rule(text: &str) -> Result<Rule<'_>, String> {
    taken_apart(text).ok_or_else(|| {
        format!(
            "error: rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
        )
    })
}

fn taken_apart(text: &str) -> Option<Rule<'_>> {
    let is_word = |text: &str, extra: &[char]| {
        text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || extra.contains(&letter))
    };
    let (target, tls) = match text.split_once(',') {
        Some((target, tls)) => (target, Some(tls)),
        None => (text, None),
    };
    let (place, service) = target.split_once('=')?;
    let slash = place.find('/')?;
    let (host, path) = place.split_at(slash);
    let (name, port) = service.split_once(':')?;
    let is_name = |text: &str| !text.is_empty() && is_word(text, &['-']);
    let fits = is_word(host, &['*', '-', '.']) && !path.contains('\n') && is_name(name) && is_name(port);
    let tls = match tls.map(|tls| tls.strip_prefix("tls")) {
        None => None,
        Some(Some(secret)) => Some(secret.strip_prefix('=').unwrap_or(secret)),
        Some(None) => return None,
    };
    let names_secret = tls.is_none_or(|secret| is_word(secret, &['-']));
    (fits && names_secret).then_some(Rule { host, path, service: (name, port), tls })
}

/// `spec.tls`: each host once, together with others that share its Secret.
fn certificates(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for rule in rules {
        let Some(secret) = rule.tls.filter(|_| !seen.contains(&rule.host)) else { continue };
        seen.push(rule.host);
        match all.iter_mut().find(|(known, _)| *known == secret) {
            Some((_, hosts)) => hosts.push(rule.host),
            None if secret.is_empty() && rule.host.is_empty() => {}
            None => all.push((secret, vec![rule.host])),
        }
    }
    let written = |(secret, hosts): (&str, Vec<&str>)| {
        let mut certificate = json!({});
        if hosts != [""] {
            certificate["hosts"] = json!(hosts);
        }
        if !secret.is_empty() {
            certificate["secretName"] = json!(secret);
        }
        certificate
    };
    all.into_iter().map(written).collect()
}

/// `spec.rules`: one for each host, with its paths.
fn hosts(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut all: Vec<(&str, Vec<Value>)> = Vec::new();
    for rule in rules {
        let (path, kind) = match rule.path.strip_suffix('*') {
            Some(path) => (path, "Prefix"),
            None => (rule.path, "Exact"),
        };
        let path = json!({ "path": path, "pathType": kind, "backend": service_backend(rule.service) });
        match all.iter_mut().find(|(host, _)| *host == rule.host) {
            Some((_, paths)) => paths.push(path),
            None => all.push((rule.host, vec![path])),
        }
    }
    let written = |(host, paths): (&str, Vec<Value>)| {
        let mut rule = json!({ "http": { "paths": paths } });
        if !host.is_empty() {
            rule["host"] = json!(host);
        }
        rule
    };
    all.into_iter().map(written).collect()
}

/// A Service and its port, by number or by name.
fn service_backend((name, port): (&str, &str)) -> Value {
    let port = match port.parse::<i32>() {
        Ok(number) => json!({ "number": number }),
        Err(_) => json!({ "name": port }),
    };
    json!({ "service": { "name": name, "port": port } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(line: &str) -> Result<String, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        ingress(&words).map(|(json, _)| json["spec"].to_string())
    }

    #[test]
    fn rules_of_one_host_and_hosts_of_one_secret_come_together() {
        let line = "shop --rule=a.example/=web:80,tls=keys --rule=a.example/cart*=cart:http --rule=b.example/*=web:80,tls=keys";
        let wanted = concat!(
            r#"{"rules":[{"host":"a.example","http":{"paths":["#,
            r#"{"backend":{"service":{"name":"web","port":{"number":80}}},"path":"/","pathType":"Exact"},"#,
            r#"{"backend":{"service":{"name":"cart","port":{"name":"http"}}},"path":"/cart","pathType":"Prefix"}]}},"#,
            r#"{"host":"b.example","http":{"paths":["#,
            r#"{"backend":{"service":{"name":"web","port":{"number":80}}},"path":"/","pathType":"Prefix"}]}}],"#,
            r#""tls":[{"hosts":["a.example","b.example"],"secretName":"keys"}]}"#
        );
        assert_eq!(made(line).unwrap(), wanted);
        let all = made("all --class=nginx --default-backend=web:80").unwrap();
        let backend = r#"{"service":{"name":"web","port":{"number":80}}}"#;
        assert_eq!(all, format!(r#"{{"defaultBackend":{backend},"ingressClassName":"nginx"}}"#));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for rule in [
            "",
            "a.example",
            "a.example=web:80",
            "a/=web",
            "a/=:80",
            "a/=web:80,ssl",
            "a/=web:80,tls=a b",
            "a!/=w:1",
        ] {
            let words = ["x".to_owned(), format!("--rule={rule}")];
            let fault = ingress(&words).err().unwrap();
            assert!(fault.contains("is invalid and should be in format host/path="), "{rule}: {fault}");
        }
        assert!(made("x").unwrap_err().contains("not enough information provided"));
        assert!(made("x --default-backend=web").unwrap_err().contains("servicename:serviceport"));
    }
}
