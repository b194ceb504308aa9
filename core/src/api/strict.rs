//! Strict decoding: fields that a kind has not, and values of the wrong type, in the API server's words.
//!
//! The answer is the one that the server gives to kubectl, which sends fields in alphabetical order. Upstream:
//! `encoding/json` for the types, `sigs.k8s.io/json` for the fields.

use serde_json::Value;

use super::Kind;
use super::go_types::{self, Shape};
use super::quantity;

/// What strict decoding found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// The first value of a wrong type.
    pub(crate) wrong: Option<Wrong>,
    /// Paths of the fields that do not exist: `spec.replica`.
    pub(crate) unknown: Vec<String>,
}

/// A value that cannot be read as what its field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// `spec.template.spec.containers[0].env`
    pub(crate) path: String,
    /// `json: cannot unmarshal object into Go struct field Container.spec.template.spec.containers.env of type …`
    pub(crate) message: String,
}

/// Decodes `value` as the Go type called `name`: `v1.Deployment`.
pub(crate) fn check(kind: Kind, value: &Value) -> Findings {
    let mut decoder = Decoder::default();
    decoder.value(value, &format!("{}.{}", kind.version(), kind.name()));
    decoder.findings
}

/// The refusal that these findings lead to, after `Deployment in version "v1" cannot be handled as a Deployment: `.
pub(crate) fn refusal(findings: &Findings) -> Option<String> {
    if let Some(wrong) = &findings.wrong {
        return Some(wrong.message.clone());
    }
    if findings.unknown.is_empty() {
        return None;
    }
    let fields: Vec<String> =
        findings.unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect();
    Some(format!("strict decoding error: {}", fields.join(", ")))
}

#[derive(Default)]
struct Decoder {
    findings: Findings,
    /// The struct whose field is being read: `Container`.
    owner: String,
    /// Names of the fields that lead here, without places in lists.
    fields: Vec<String>,
    /// The path with places in lists.
    path: String,
}

impl Decoder {
    fn value(&mut self, value: &Value, go_type: &str) {
        if value.is_null() {
            return;
        }
        if let Some(inner) = go_type.strip_prefix('*') {
            return self.value(value, inner);
        }
        if go_type == "[]uint8" {
            return if !value.is_string() {
                self.wrong(value, go_type)
            };
        }
        if let Some(inner) = go_type.strip_prefix("[]") {
            return self.list(value, go_type, inner);
        }
        if let Some((_, inner)) = go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
            return self.map(value, go_type, inner);
        }
        match go_types::shape(go_type) {
            Some(Shape::Struct(_)) => self.structure(value, go_type),
            Some(Shape::Named(other)) if other.starts_with(['[', 'm']) => self.value(value, other),
            Some(Shape::Named(other)) => self.scalar(value, other, go_type),
            None => self.scalar(value, go_type, go_type),
        }
    }

    fn list(&mut self, value: &Value, go_type: &str, inner: &str) {
        let Value::Array(items) = value else { return self.wrong(value, go_type) };
        let length = self.path.len();
        for (index, item) in items.iter().enumerate() {
            self.path.push_str(&format!("[{index}]"));
            self.value(item, inner);
            self.path.truncate(length);
        }
    }

    fn map(&mut self, value: &Value, go_type: &str, inner: &str) {
        let Value::Object(entries) = value else { return self.wrong(value, go_type) };
        let length = self.path.len();
        for (key, entry) in entries {
            self.path.push_str(&format!("[{key}]"));
            self.value(entry, inner);
            self.path.truncate(length);
        }
    }

    fn structure(&mut self, value: &Value, go_type: &str) {
        let Value::Object(entries) = value else { return self.wrong(value, go_type) };
        let name = go_type.rsplit('.').next().unwrap_or(go_type).to_owned();
        let outer = std::mem::replace(&mut self.owner, name);
        let length = self.path.len();
        for (key, entry) in entries {
            self.path.push_str(if length == 0 { "" } else { "." });
            self.path.push_str(key);
            match go_types::field(go_type, key) {
                Some(field) => {
                    self.fields.push(key.clone());
                    self.value(entry, field);
                    self.fields.pop();
                }
                None => self.findings.unknown.push(self.path.clone()),
            }
            self.path.truncate(length);
        }
        self.owner = outer;
    }

    fn scalar(&mut self, value: &Value, plain: &str, go_type: &str) {
        let is_right = match plain {
            "string" => value.is_string(),
            "bool" => value.is_boolean(),
            "int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "int64" => value.as_i64().is_some(),
            "uint8" => value.as_u64().is_some_and(|number| u8::try_from(number).is_ok()),
            "float64" => value.is_number(),
            "intstr.IntOrString" => {
                let is_right =
                    value.is_string() || value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
                return if !is_right {
                    self.wrong(value, "int32")
                };
            }
            "resource.Quantity" => return self.quantity(value),
            "v1.Time" | "v1.MicroTime" => return self.time(value),
            // Raw JSON: anything goes.
            _ => true,
        };
        if !is_right {
            self.wrong(value, go_type);
        }
    }

    fn quantity(&mut self, value: &Value) {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if quantity::thousandths(&text).is_none() {
            let message =
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
            self.report(message.to_owned());
        }
    }

    fn time(&mut self, value: &Value) {
        let Value::String(text) = value else { return self.wrong(value, "string") };
        if text.parse::<k8s_openapi::jiff::Timestamp>().is_err() {
            let layout = "2006-01-02T15:04:05Z07:00";
            self.report(format!(
                "parsing time \"{text}\" as \"{layout}\": cannot parse \"{text}\" as \"2006\""
            ));
        }
    }

    fn wrong(&mut self, value: &Value, go_type: &str) {
        let is_integer = matches!(go_type, "int32" | "int64" | "uint8");
        let what = match value {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "bool".to_owned(),
            Value::Number(number) if is_integer => format!("number {number}"),
            Value::Number(_) => "number".to_owned(),
            Value::String(_) => "string".to_owned(),
            Value::Array(_) => "array".to_owned(),
            Value::Object(_) => "object".to_owned(),
        };
        let field = if self.fields.is_empty() {
            "Go value".to_owned()
        } else {
            format!("Go struct field {}.{}", self.owner, self.fields.join("."))
        };
        self.report(format!("json: cannot unmarshal {what} into {field} of type {go_type}"));
    }

    fn report(&mut self, message: String) {
        let path = self.path.clone();
        self.findings.wrong.get_or_insert(Wrong { path, message });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(kind: Kind, value: Value) -> String {
        refusal(&check(kind, &value)).unwrap_or_default()
    }

    #[test]
    fn unknown_fields_are_listed_with_their_paths() {
        let value =
            json!({"spec": {"replica": 1, "template": {"spec": {"containers": [{"port": 1}], "volume": 2}}}});
        let expected = "strict decoding error: unknown field \"spec.replica\", unknown field \
                        \"spec.template.spec.containers[0].port\", unknown field \"spec.template.spec.volume\"";
        assert_eq!(answer(Kind::Deployment, value), expected);
        assert_eq!(
            answer(Kind::Deployment, json!({"spec": {"Replicas": 1}})),
            "strict decoding error: unknown field \"spec.Replicas\""
        );
    }

    #[test]
    fn wrong_types_are_named_as_go_names_them() {
        let cases = [
            (
                Kind::Deployment,
                json!({"spec": {"replicas": 2.5}}),
                "number 2.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
            ),
            (
                Kind::Deployment,
                json!({"spec": {"replicas": true}}),
                "bool into Go struct field DeploymentSpec.spec.replicas of type int32",
            ),
            (
                Kind::Deployment,
                json!({"spec": "x"}),
                "string into Go struct field Deployment.spec of type v1.DeploymentSpec",
            ),
            (
                Kind::Deployment,
                json!({"metadata": {"name": 5}}),
                "number into Go struct field ObjectMeta.metadata.name of type string",
            ),
            (
                Kind::Deployment,
                json!({"metadata": {"labels": {"a": true}}}),
                "bool into Go struct field ObjectMeta.metadata.labels of type string",
            ),
            (
                Kind::Deployment,
                json!({"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1.5}}}}),
                "number 1.5 into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32",
            ),
            (
                Kind::Deployment,
                json!({"spec": {"template": {"spec": {"containers": {}}}}}),
                "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
            ),
            (
                Kind::Service,
                json!({"spec": {"selector": {"matchLabels": {}}}}),
                "object into Go struct field ServiceSpec.spec.selector of type string",
            ),
            (
                Kind::Pod,
                json!({"spec": {"containers": [{"command": "x"}]}}),
                "string into Go struct field Container.spec.containers.command of type []string",
            ),
            (
                Kind::Pod,
                json!({"spec": {"containers": [{"env": [{"value": true}]}]}}),
                "bool into Go struct field EnvVar.spec.containers.env.value of type string",
            ),
        ];
        for (kind, value, expected) in cases {
            assert_eq!(answer(kind, value), format!("json: cannot unmarshal {expected}"));
        }
    }
}
