//! Strict decoding: fields that a kind has not, and values of the wrong type, in the API server's words.
//!
//! What is found depends on the order in which fields come: kubectl sends them in alphabetical order. Upstream:
//! `encoding/json` for the types, `sigs.k8s.io/json` for the fields.

use serde_json::{Map, Value};

use super::Kind;
use super::go_types::{self, Shape};
use super::written::Written;
use super::{canonical, quantity};

/// What strict decoding found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Decoded {
    /// The first value of a wrong type.
    pub(crate) wrong: Option<Wrong>,
    /// Fields that do not exist, or stand there twice.
    pub(crate) fields: Vec<BadField>,
    /// What was read: nothing is null but where Go has a nil.
    pub(crate) value: Value,
}

/// A value that cannot be read as what its field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// `spec.template.spec.containers[0].env`
    pub(crate) path: String,
    /// `json: cannot unmarshal object into Go struct field Container.spec.template.spec.containers.env of type …`
    pub(crate) message: String,
}

/// A field that a strict reader does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadField {
    /// `spec.replica`
    pub(crate) path: String,
    /// Whether it stands there twice; otherwise there is no such field.
    pub(crate) is_duplicate: bool,
    /// The field of the same object that was meant, if one is spelled much the same.
    pub(crate) meant: Option<&'static str>,
}

impl BadField {
    /// `unknown field "spec.replica"`
    pub(crate) fn message(&self) -> String {
        let fault = if self.is_duplicate { "duplicate" } else { "unknown" };
        format!("{fault} field \"{}\"", self.path)
    }
}

/// Decodes `value` as the Go type of `kind`.
pub(crate) fn decode(kind: Kind, value: &Written) -> Decoded {
    let mut decoder = Decoder::default();
    let go_type = format!("{}.{}", kind.version(), kind.name());
    let is_typed = match kind {
        Kind::Inert(kind) => !kind.is_added() && go_types::shape(&go_type).is_some(),
        _ => true,
    };
    decoder.decoded.value =
        if is_typed { decoder.value(value, &go_type) } else { decoder.untyped(value, kind.name()) };
    decoder.decoded
}

impl Decoded {
    /// The refusal that the findings lead to, after `Deployment in version "v1" cannot be handled as a Deployment: `.
    pub(crate) fn refusal(&self) -> Option<String> {
        if let Some(wrong) = &self.wrong {
            return Some(wrong.message.clone());
        }
        if self.fields.is_empty() {
            return None;
        }
        let fields: Vec<String> = self.fields.iter().map(BadField::message).collect();
        Some(format!("strict decoding error: {}", fields.join(", ")))
    }
}

#[derive(Default)]
struct Decoder {
    decoded: Decoded,
    /// The struct whose field is being read: `Container`.
    owner: String,
    /// Names of the fields that lead here, without places in lists.
    fields: Vec<String>,
    /// The path with places in lists.
    path: String,
}

impl Decoder {
    fn value(&mut self, value: &Written, go_type: &str) -> Value {
        if matches!(value, Written::Scalar(Value::Null)) {
            return zero(go_type);
        }
        if let Some(inner) = go_type.strip_prefix('*') {
            return self.value(value, inner);
        }
        if go_type == "[]uint8" {
            return self.bytes(value);
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

    /// An object of a kind whose fields are not known, but for its metadata.
    fn untyped(&mut self, value: &Written, kind: &str) -> Value {
        let Written::Map(entries) = value else { return self.wrong(value, kind) };
        let mut map = Map::new();
        for (key, entry) in entries {
            let value = if key == "metadata" {
                (self.path, self.fields) = (key.clone(), vec![key.clone()]);
                let value = self.value(entry, "v1.ObjectMeta");
                (self.path, self.fields) = (String::new(), Vec::new());
                value
            } else {
                entry.clone().into_json()
            };
            map.insert(key.clone(), value);
        }
        Value::Object(map)
    }

    fn list(&mut self, value: &Written, go_type: &str, inner: &str) -> Value {
        let Written::List(items) = value else { return self.wrong(value, go_type) };
        let length = self.path.len();
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.path.push_str(&format!("[{index}]"));
            list.push(self.value(item, inner));
            self.path.truncate(length);
        }
        Value::Array(list)
    }

    fn map(&mut self, value: &Written, go_type: &str, inner: &str) -> Value {
        let Written::Map(entries) = value else { return self.wrong(value, go_type) };
        let length = self.path.len();
        let mut map = Map::new();
        for (key, entry) in entries {
            if map.contains_key(key) {
                let path = format!("{}.{key}", self.path);
                self.decoded.fields.push(BadField { path, is_duplicate: true, meant: None });
            }
            self.path.push_str(&format!("[{key}]"));
            map.insert(key.clone(), self.value(entry, inner));
            self.path.truncate(length);
        }
        Value::Object(map)
    }

    fn structure(&mut self, value: &Written, go_type: &str) -> Value {
        let Written::Map(entries) = value else { return self.wrong(value, go_type) };
        let name = go_type.rsplit('.').next().unwrap_or(go_type).to_owned();
        let outer = std::mem::replace(&mut self.owner, name);
        let length = self.path.len();
        let mut map = Map::new();
        for (key, entry) in entries {
            self.path.push_str(if length == 0 { "" } else { "." });
            self.path.push_str(key);
            match go_types::field(go_type, key) {
                Some(_) if map.contains_key(key) => {
                    let path = self.path.clone();
                    self.decoded.fields.push(BadField { path, is_duplicate: true, meant: None });
                    self.field(&mut map, key, entry, go_type);
                }
                Some(_) => self.field(&mut map, key, entry, go_type),
                None => {
                    let meant = go_types::similar_field(go_type, key);
                    let path = self.path.clone();
                    self.decoded.fields.push(BadField { path, is_duplicate: false, meant });
                }
            }
            self.path.truncate(length);
        }
        self.owner = outer;
        Value::Object(map)
    }

    fn field(&mut self, map: &mut Map<String, Value>, key: &str, entry: &Written, owner: &str) {
        let Some(go_type) = go_types::field(owner, key) else { return };
        self.fields.push(key.to_owned());
        let value = self.value(entry, go_type);
        self.fields.pop();
        map.insert(key.to_owned(), if is_unset(key, &value, go_type) { Value::Null } else { value });
    }

    fn scalar(&mut self, written: &Written, plain: &str, go_type: &str) -> Value {
        let Written::Scalar(value) = written else {
            return match plain {
                "intstr.IntOrString" => self.wrong(written, "int32"),
                "v1.Time" | "v1.MicroTime" => self.wrong(written, "string"),
                "string" | "bool" | "int32" | "int64" | "uint8" | "float64" => self.wrong(written, go_type),
                "resource.Quantity" => self.report(quantity::fault("").unwrap_or_default().to_owned()),
                // Raw JSON: anything goes.
                _ => written.clone().into_json(),
            };
        };
        let is_small = || value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
        let is_right = match plain {
            "string" => value.is_string(),
            "bool" => value.is_boolean(),
            "int32" => is_small(),
            "int64" => value.as_i64().is_some(),
            "uint8" => value.as_u64().is_some_and(|number| u8::try_from(number).is_ok()),
            "float64" => value.is_number(),
            "intstr.IntOrString" if value.is_string() || is_small() => true,
            "intstr.IntOrString" => return self.wrong(written, "int32"),
            "resource.Quantity" => return self.quantity(value),
            "v1.Time" | "v1.MicroTime" => return self.time(value),
            _ => true,
        };
        if is_right { value.clone() } else { self.wrong(written, go_type) }
    }

    fn quantity(&mut self, value: &Value) -> Value {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        if let Some(fault) = quantity::fault(&text) {
            return self.report(fault.to_owned());
        }
        Value::String(canonical::quantity(&text).unwrap_or(text))
    }

    fn time(&mut self, value: &Value) -> Value {
        let Value::String(text) = value else { return self.wrong(&Written::Scalar(value.clone()), "string") };
        if text.parse::<k8s_openapi::jiff::Timestamp>().is_err() {
            let layout = "2006-01-02T15:04:05Z07:00";
            let message =
                format!("parsing time \"{text}\" as \"{layout}\": cannot parse \"{text}\" as \"2006\"");
            return self.report(message);
        }
        value.clone()
    }

    /// Bytes are text in base64.
    fn bytes(&mut self, value: &Written) -> Value {
        let Written::Scalar(Value::String(text)) = value else { return self.wrong(value, "[]uint8") };
        match base64_fault(text) {
            Some(place) => self.report(format!("illegal base64 data at input byte {place}")),
            None => Value::String(text.clone()),
        }
    }

    fn wrong(&mut self, value: &Written, go_type: &str) -> Value {
        let is_integer = matches!(go_type, "int32" | "int64" | "uint8");
        let what = match value {
            Written::Scalar(Value::Bool(_)) => "bool".to_owned(),
            Written::Scalar(Value::Number(number)) if is_integer => format!("number {number}"),
            Written::Scalar(Value::Number(_)) => "number".to_owned(),
            Written::Scalar(_) => "string".to_owned(),
            Written::List(_) => "array".to_owned(),
            Written::Map(_) => "object".to_owned(),
        };
        let field = if self.fields.is_empty() {
            "Go value".to_owned()
        } else {
            format!("Go struct field {}.{}", self.owner, self.fields.join("."))
        };
        self.report(format!("json: cannot unmarshal {what} into {field} of type {go_type}"))
    }

    /// Keeps the first thing that cannot be read. Nothing takes its place.
    fn report(&mut self, message: String) -> Value {
        let path = self.path.clone();
        self.decoded.wrong.get_or_insert(Wrong { path, message });
        Value::Null
    }
}

/// Whether a field is as if it were not there: it is no pointer, and holds what Go variables begin with. Labels are
/// shown in refusals, which tell `{}` from none.
fn is_unset(key: &str, value: &Value, go_type: &str) -> bool {
    match value {
        Value::Null => true,
        _ if go_type.starts_with('*') => false,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0) && go_type != "intstr.IntOrString",
        Value::String(text) => text.is_empty(),
        // An autoscaler without policies is told from one that leaves them to the defaults.
        Value::Array(items) => items.is_empty() && key != "policies",
        Value::Object(fields) => {
            fields.is_empty() && go_type.starts_with("map[") && !matches!(key, "labels" | "matchLabels")
        }
    }
}

/// What a null leaves a Go variable at. What can be nil is nil.
fn zero(go_type: &str) -> Value {
    match go_type {
        "string" => "".into(),
        "bool" => false.into(),
        "int32" | "int64" | "uint8" | "float64" | "intstr.IntOrString" => 0.into(),
        "resource.Quantity" => "0".into(),
        _ => match go_types::shape(go_type) {
            Some(Shape::Struct(_)) => Value::Object(Map::new()),
            Some(Shape::Named(other)) => zero(other),
            None => Value::Null,
        },
    }
}

/// The first byte at which a text is no base64, as Go counts. Upstream: `encoding/base64`.
fn base64_fault(text: &str) -> Option<usize> {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    // Line breaks are passed over.
    let mut bytes = text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'));
    let (mut digits, mut padding) = (0_usize, 0_usize);
    let fault = bytes.find(|(_, byte)| match byte {
        b'=' if digits % 4 >= 2 && digits % 4 + padding < 4 => {
            padding += 1;
            false
        }
        byte if is_digit(*byte) && padding == 0 => {
            digits += 1;
            false
        }
        _ => true,
    });
    match fault {
        Some((place, _)) => Some(place),
        None => ((digits + padding) % 4 != 0).then(|| text.len() - (digits + padding) % 4).map(|start| {
            // A group that is cut short is at fault where it begins; one without its padding at its end.
            if padding == 0 { start } else { text.len() }
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(kind: Kind, value: Value) -> String {
        decode(kind, &Written::from(&value)).refusal().unwrap_or_default()
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
