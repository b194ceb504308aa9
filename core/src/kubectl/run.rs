//! `kubectl run`: one pod. Upstream: `k8s.io/kubectl/pkg/cmd/run`.

use serde_json::{Map, Value, json};

use super::create::{self, Create};
use super::flags::{self, Arguments, Flag, Takes};
use crate::api::Kind;

const FLAGS: [Flag; 9] = [
    flags::DRY_RUN,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("image", None, Takes::Text),
    Flag::new("port", None, Takes::Number),
    Flag::new("env", None, Takes::Text),
    Flag::new("labels", Some('l'), Takes::Text),
    Flag::new("restart", None, Takes::Text),
    Flag::new("command", None, Takes::Nothing),
];

/// Reads a command line: what it creates is a pod.
///
/// # Errors
/// kubectl's own words for what makes no pod.
#[inline(never)]
pub(super) fn parse(words: &[String]) -> Result<Create, String> {
    let arguments = Arguments::read("kubectl run", words, &FLAGS)?;
    let Some((name, command)) = arguments.names.split_first() else {
        return Err("error: NAME is required for run\nSee 'kubectl run -h' for help and examples".to_owned());
    };
    let Some(image) = arguments.text("image") else {
        return Err("error: required flag(s) \"image\" not set".to_owned());
    };
    let restart = arguments.text("restart").unwrap_or("Always");
    if !matches!(restart, "Always" | "OnFailure" | "Never") {
        return Err(format!("error: invalid restart policy: {restart}"));
    }
    let labels = match arguments.text("labels") {
        Some(text) => pairs(text)?,
        None => [("run".to_owned(), json!(name))].into_iter().collect(),
    };
    let mut container = json!({"name": name, "image": image});
    if let Some(port) = arguments.number("port") {
        container["ports"] = json!([{"containerPort": port}]);
    }
    let env: Vec<Value> = arguments
        .texts("env")
        .map(|text| match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(json!({"name": name, "value": value})),
            _ => Err(format!("error: invalid env: {text}")),
        })
        .collect::<Result<_, _>>()?;
    if !env.is_empty() {
        container["env"] = env.into();
    }
    if !command.is_empty() {
        container[if arguments.is_on("command") { "command" } else { "args" }] = json!(command);
    }
    let mut metadata = create::named(name, &arguments);
    metadata["labels"] = labels.into();
    let pod = json!({
        "metadata": metadata,
        "spec": {"containers": [container], "restartPolicy": restart},
    });
    Create::one(Kind::Pod, &pod, None, &arguments)
}

/// `app=web,tier=front`
fn pairs(text: &str) -> Result<Map<String, Value>, String> {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), json!(value))),
        _ => Err(format!("error: unexpected label spec: {pair}")),
    };
    text.split(',').filter(|part| !part.is_empty()).map(pair).collect()
}
