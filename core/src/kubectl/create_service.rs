//! What `kubectl create service`, `create configmap` and `create secret generic` make of a command line. Upstream:
//! `k8s.io/kubectl/pkg/cmd/create/{create_service,create_configmap,create_secret}.go`.

use serde_json::{Map, Value, json};

use super::create;
use super::flags::{self, Arguments, Flag, Takes};

const FLAGS: [Flag; 8] = [
    flags::DRY_RUN,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("tcp", None, Takes::Text),
    Flag::new("node-port", None, Takes::Number),
    Flag::new("clusterip", None, Takes::Text),
    Flag::new("external-name", None, Takes::Text),
    Flag::new("from-literal", None, Takes::Text),
];

/// The types of Services, as the command line and as the API names them.
const TYPES: [(&str, &str); 4] = [
    ("clusterip", "ClusterIP"),
    ("externalname", "ExternalName"),
    ("loadbalancer", "LoadBalancer"),
    ("nodeport", "NodePort"),
];

/// `create service clusterip web --tcp=80:8080`. With it comes the Service's type, by which refusals name it.
pub(super) fn service(words: &[String]) -> Result<(Value, &'static str, Arguments), String> {
    let known = words.first().and_then(|first| TYPES.iter().find(|(name, _)| name == first));
    let Some((command, type_)) = known else {
        let known = TYPES.map(|(name, _)| name).join(", ");
        return Err(format!("error: a Service is of one of these types: {known}"));
    };
    let arguments = Arguments::read(&format!("kubectl create service {command}"), &words[1..], &FLAGS)?;
    if *type_ == "ExternalName" {
        arguments.require(&["external-name"])?;
    }
    let name = create::one_name(&arguments)?;
    let ports: Vec<Value> = arguments
        .texts("tcp")
        .flat_map(|ports| ports.split(','))
        .map(|port| entry(port, arguments.number("node-port")))
        .collect::<Result<_, _>>()?;
    let headless = arguments.text("clusterip") == Some("None");
    if ports.is_empty() && *type_ != "ExternalName" && !headless {
        return Err("error: at least one tcp port specifier must be provided".to_owned());
    }
    let mut metadata = create::named(name, &arguments);
    metadata["labels"] = json!({ "app": name });
    let mut spec = json!({ "type": type_, "selector": { "app": name } });
    if !ports.is_empty() {
        spec["ports"] = ports.into();
    }
    if let Some(address) = arguments.text("clusterip") {
        spec["clusterIP"] = json!(address);
    }
    if *type_ == "ExternalName" {
        spec["externalName"] = json!(arguments.text("external-name"));
    }
    Ok((json!({ "metadata": metadata, "spec": spec }), type_, arguments))
}

/// `80:8080`: the Service's port and the pods', which may have a name.
fn entry(text: &str, node_port: Option<i64>) -> Result<Value, String> {
    let (port, target) = text.split_once(':').unwrap_or((text, text));
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let Some(port) = number(port) else {
        return Err(format!("error: unable to parse service port {port:?}: it is a number from 1 to 65535"));
    };
    let target = number(target).map_or_else(|| json!(target), |number| json!(number));
    let name = text.replace(':', "-");
    let mut entry = json!({ "name": name, "port": port, "protocol": "TCP", "targetPort": target });
    if let Some(node_port) = node_port.filter(|port| *port > 0) {
        entry["nodePort"] = json!(node_port);
    }
    Ok(entry)
}

/// `create configmap config --from-literal=a=1`
pub(super) fn config_map(words: &[String]) -> Result<(Value, Arguments), String> {
    let arguments = Arguments::read("kubectl create configmap", words, &FLAGS)?;
    let mut json = json!({ "metadata": create::named(create::one_name(&arguments)?, &arguments) });
    let data = literals(&arguments)?;
    if data.len() < arguments.texts("from-literal").count() {
        let mut keys = arguments.texts("from-literal").filter_map(|pair| Some(pair.split_once('=')?.0));
        let mut seen: Vec<&str> = Vec::new();
        let twice = keys
            .find(|key| {
                seen.contains(key) || {
                    seen.push(key);
                    false
                }
            })
            .unwrap_or_default();
        let name = create::one_name(&arguments)?;
        return Err(format!(
            "error: cannot add key {twice:?}, another key by that name already exists in Data for ConfigMap {name:?}"
        ));
    }
    if !data.is_empty() {
        json["data"] = data.into();
    }
    Ok((json, arguments))
}

/// The flags of `create secret docker-registry`.
const REGISTRY_FLAGS: [Flag; 7] = [
    flags::DRY_RUN,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("docker-server", None, Takes::Text),
    Flag::new("docker-username", None, Takes::Text),
    Flag::new("docker-password", None, Takes::Text),
    Flag::new("docker-email", None, Takes::Text),
];

/// `create secret generic password --from-literal=key=value`
pub(super) fn secret(words: &[String]) -> Result<(Value, Arguments), String> {
    let rest = match words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("generic", rest)) => rest,
        Some(("docker-registry", rest)) => return registry_secret(rest),
        _ => {
            return Err(
                "error: kubectl create secret is simulated for generic and docker-registry".to_owned()
            );
        }
    };
    let arguments = Arguments::read("kubectl create secret generic", rest, &FLAGS)?;
    let mut json = json!({ "metadata": create::named(create::one_name(&arguments)?, &arguments) });
    let mut data = literals(&arguments)?;
    for value in data.values_mut() {
        *value = json!(base64(value.as_str().unwrap_or_default().as_bytes()));
    }
    if !data.is_empty() {
        json["data"] = data.into();
    }
    Ok((json, arguments))
}

/// `create secret docker-registry shop --docker-server=shop.example.com --docker-username=me --docker-password=secret`
fn registry_secret(words: &[String]) -> Result<(Value, Arguments), String> {
    let arguments = Arguments::read("kubectl create secret docker-registry", words, &REGISTRY_FLAGS)?;
    let name = create::one_name(&arguments)?;
    let given = |flag| arguments.text(flag).filter(|text| !text.is_empty());
    let (Some(user), Some(password)) = (given("docker-username"), given("docker-password")) else {
        return Err(
            "error: either --from-file or the combination of --docker-username, --docker-password and \
                    --docker-server is required"
                .to_owned(),
        );
    };
    let server = arguments.text("docker-server").unwrap_or("https://index.docker.io/v1/");
    let mut entry = Map::new();
    entry.insert("username".to_owned(), json!(user));
    entry.insert("password".to_owned(), json!(password));
    if let Some(email) = arguments.text("docker-email") {
        entry.insert("email".to_owned(), json!(email));
    }
    entry.insert("auth".to_owned(), json!(base64(format!("{user}:{password}").as_bytes())));
    let config = json!({ "auths": { server: entry } }).to_string();
    let json = json!({
        "metadata": create::named(name, &arguments),
        "type": "kubernetes.io/dockerconfigjson",
        "data": { ".dockerconfigjson": base64(config.as_bytes()) },
    });
    Ok((json, arguments))
}

fn literals(arguments: &Arguments) -> Result<Map<String, Value>, String> {
    let pair = |text: &str| match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), json!(value))),
        _ => Err(format!("error: invalid literal source {text}, expected key=value")),
    };
    arguments.texts("from-literal").map(pair).collect()
}

/// Bytes as a Secret lists them.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let is_padding = place > three.len();
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if is_padding { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn bytes_are_written_in_sixty_four_letters() {
        let texts = ["", "a", "ab", "abc", "abcd"].map(|text| base64(text.as_bytes()));
        assert_eq!(texts, ["", "YQ==", "YWI=", "YWJj", "YWJjZA=="]);
    }
}
