//! Which images are pulled anew each time. Upstream: `pkg/util/parsers`, `github.com/distribution/reference`.

/// `Always` for images tagged `latest` or not at all, unless a digest pins them; else `IfNotPresent`, also for what is
/// no image's name at all.
pub(super) fn pull_policy(image: &str) -> &'static str {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last_part = name.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match name[last_part..].find(':') {
        Some(colon) => (&name[..last_part + colon], Some(&name[last_part + colon + 1..])),
        None => (name, None),
    };
    match (tag, digest) {
        (Some("latest"), _) | (None, None) if is_reference(name, digest) => "Always",
        _ => "IfNotPresent",
    }
}

/// `nginx`, `library/nginx`, `registry.example.com:5000/team/app`
fn is_reference(name: &str, digest: Option<&str>) -> bool {
    let is_registry =
        |part: &str| part.contains(['.', ':']) || part == "localhost" || part.to_lowercase() != part;
    let path = match name.split_once('/') {
        Some((registry, path)) if is_registry(registry) => {
            if !is_domain(registry) {
                return false;
            }
            path
        }
        _ => name,
    };
    let is_id = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_digest = |digest: &str| {
        digest
            .split_once(':')
            .is_some_and(|(_, hex)| hex.len() >= 32 && hex.bytes().all(|it| it.is_ascii_hexdigit()))
    };
    !is_id && path.split('/').all(is_component) && digest.is_none_or(is_digest)
}

fn is_domain(registry: &str) -> bool {
    let (host, port) = registry.split_once(':').map_or((registry, None), |(host, port)| (host, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

/// Letters and digits in lower case, with separators between them: a dot, one or two underscores, any number of dashes.
fn is_component(part: &str) -> bool {
    let is_word = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let separators = part.split(is_word).filter(|between| !between.is_empty());
    let is_separator =
        |between: &str| matches!(between, "." | "_" | "__") || between.bytes().all(|byte| byte == b'-');
    part.starts_with(is_word) && part.ends_with(is_word) && separators.into_iter().all(is_separator)
}

#[cfg(test)]
mod tests {
    use super::pull_policy;

    #[test]
    fn images_without_a_fixed_tag_are_always_pulled() {
        let always = [
            "nginx",
            "nginx:latest",
            "registry:5000/nginx",
            "localhost/a/b",
            "ghcr.io/me/app:latest",
            "my__app",
        ];
        for image in always {
            assert_eq!(pull_policy(image), "Always", "{image}");
        }
        assert_eq!(pull_policy("registry:5000/nginx:1.27"), "IfNotPresent");
        assert_eq!(pull_policy("nginx@sha256:abc"), "IfNotPresent");
    }

    #[test]
    fn what_is_no_name_of_an_image_is_not() {
        for image in ["", " nginx ", "MyApp", "MyApp:latest", "nginx/", "a..b", "-nginx", "my___app"] {
            assert_eq!(pull_policy(image), "IfNotPresent", "{image}");
        }
    }
}
