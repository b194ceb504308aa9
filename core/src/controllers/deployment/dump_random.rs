//! Templates with random fields set, printed twice: by the code under test, and here, field by field as the list of Go
//! types has them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::dump;

/// The Go types that a template is made of, as Kubernetes 1.36.2 declares them.
const TYPES: &str = include_str!("../../../../tests/conformance/pod-template-hash/types.json");

/// Quantities, and how Go prints their inside.
const QUANTITIES: [(&str, &str); 2] = [
    (
        "100m",
        "{i:(resource.int64Amount){value:(int64)100 scale:(resource.Scale)-3} \
         d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)100m Format:(resource.Format)DecimalSI}",
    ),
    (
        "64Mi",
        "{i:(resource.int64Amount){value:(int64)67108864 scale:(resource.Scale)0} \
         d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string) Format:(resource.Format)BinarySI}",
    ),
];

/// What the metadata of a template may have.
const METADATA: [&str; 4] = ["labels", "annotations", "finalizers", "name"];

/// Pointers without which a manifest is refused: they are always set.
const REQUIRED: [(&str, &str); 1] = [("v1.ScaleIOVolumeSource", "secretRef")];

#[derive(Deserialize)]
struct Types {
    types: BTreeMap<String, Declared>,
}

#[derive(Deserialize)]
struct Declared {
    kind: String,
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(default)]
    json: String,
    #[serde(rename = "type")]
    go_type: String,
}

/// Makes values, and their expected prints beside them.
struct Maker<'a> {
    types: &'a BTreeMap<String, Declared>,
    seed: u64,
}

impl Maker<'_> {
    /// A number below `end`.
    fn number(&mut self, end: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % end
    }

    /// A value of a type, null where it is left out, and what is printed of it.
    fn value(&mut self, go_type: &str, depth: u64) -> (Value, String) {
        let is_left_out = self.number(depth + 3) > 1;
        if let Some(pointee) = go_type.strip_prefix('*') {
            return if is_left_out { nothing() } else { self.value(pointee, depth + 1) };
        }
        if let Some(element) = go_type.strip_prefix("[]") {
            return if is_left_out { nothing() } else { self.list(element, depth + 1) };
        }
        if let Some((_, element)) = go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
            return if is_left_out { nothing() } else { self.map(element, depth + 1) };
        }
        match go_type {
            "resource.Quantity" => {
                let (text, printed) = QUANTITIES[self.number(2) as usize];
                return (json!(text), printed.to_owned());
            }
            "intstr.IntOrString" if self.number(2) == 0 => {
                let number = self.number(9000);
                let printed = format!("{{Type:(intstr.Type)0 IntVal:(int32){number} StrVal:(string)}}");
                return (json!(number), printed);
            }
            "intstr.IntOrString" => {
                let printed = "{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)http}".to_owned();
                return (json!("http"), printed);
            }
            "v1.ResourceList" if is_left_out => return nothing(),
            "v1.ResourceList" => return self.map("resource.Quantity", depth + 1),
            "v1.Time" => {
                let zero = "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}";
                return (Value::Null, zero.to_owned());
            }
            _ => {}
        }
        let types = self.types;
        let Some(declared) = types.get(go_type) else { return self.scalar(go_type) };
        match declared.kind.as_str() {
            "struct" => self.structure(go_type, &declared.fields, depth),
            kind => self.scalar(kind),
        }
    }

    fn list(&mut self, element: &str, depth: u64) -> (Value, String) {
        let count = 1 + self.number(2);
        let (values, printed): (Vec<Value>, Vec<String>) =
            (0..count).map(|_| self.value(element, depth)).map(|(value, text)| (filled(value), text)).unzip();
        (Value::Array(values), format!("[{}]", printed.join(" ")))
    }

    fn map(&mut self, element: &str, depth: u64) -> (Value, String) {
        let keys = if element == "resource.Quantity" { ["cpu", "memory"] } else { ["app", "tier"] };
        let count = 1 + self.number(2) as usize;
        let (mut object, mut printed) = (Map::new(), Vec::new());
        for key in &keys[..count] {
            let (value, text) = self.value(element, depth);
            object.insert((*key).to_owned(), filled(value));
            printed.push(format!("{key}:{text}"));
        }
        (Value::Object(object), format!("map[{}]", printed.join(" ")))
    }

    fn structure(&mut self, go_type: &str, fields: &[Field], depth: u64) -> (Value, String) {
        let (mut object, mut printed) = (Map::new(), Vec::new());
        for field in fields {
            let is_possible = go_type != "v1.ObjectMeta" || METADATA.contains(&field.json.as_str());
            let is_required = REQUIRED.contains(&(go_type, field.json.as_str()));
            let wanted = if is_required { field.go_type.trim_start_matches('*') } else { &field.go_type };
            let (value, text) =
                if is_possible { self.value(wanted, depth) } else { self.zero(&field.go_type) };
            printed.push(format!("{}:({}){text}", field.name, field.go_type));
            match value {
                Value::Null => {}
                Value::Object(inlined) if field.json.is_empty() => object.extend(inlined),
                value => {
                    object.insert(field.json.clone(), value);
                }
            }
        }
        (Value::Object(object), format!("{{{}}}", printed.join(" ")))
    }

    /// What is printed of a field that is never set.
    fn zero(&mut self, go_type: &str) -> (Value, String) {
        let printed = match go_type {
            "string" | "types.UID" => String::new(),
            "int64" => "0".to_owned(),
            "v1.Time" => return self.value(go_type, 0),
            _ => "<nil>".to_owned(),
        };
        (Value::Null, printed)
    }

    fn scalar(&mut self, kind: &str) -> (Value, String) {
        match kind {
            "bool" => {
                let flag = self.number(2) == 0;
                (json!(flag), flag.to_string())
            }
            "string" => {
                let text = ["", "a", "web-1", "two words"][self.number(4) as usize];
                (json!(text), text.to_owned())
            }
            number => {
                assert!(number.contains("int"), "{number} is a kind that the maker does not know");
                let value = self.number(100);
                (json!(value), value.to_string())
            }
        }
    }
}

fn nothing() -> (Value, String) {
    (Value::Null, "<nil>".to_owned())
}

/// An element is there, even where nothing in it is set.
fn filled(value: Value) -> Value {
    if value.is_null() { json!({}) } else { value }
}

#[test]
fn any_fields_of_a_template_are_printed_as_go_prints_them() {
    let types: Types = serde_json::from_str(TYPES).unwrap();
    let mut fields_set = 0;
    for seed in 0..120 {
        let mut maker = Maker { types: &types.types, seed };
        let (template, printed) = maker.value("v1.PodTemplateSpec", 0);
        let expected = format!("(v1.PodTemplateSpec){printed}");
        fields_set += template.to_string().matches(':').count();
        let read: PodTemplateSpec = serde_json::from_value(template.clone()).unwrap();
        let mut text = String::new();
        dump::write(&mut text, &read);
        let place = text.bytes().zip(expected.bytes()).position(|(one, other)| one != other);
        let place = place.unwrap_or(text.len().min(expected.len()));
        let shown = |text: &str| {
            let from = place.saturating_sub(120);
            text.chars().skip(from).take(200).collect::<String>()
        };
        assert!(
            text == expected,
            "seed {seed}: printed … {} … where Go prints … {} … of {template}",
            shown(&text),
            shown(&expected)
        );
    }
    assert!(fields_set > 5_000, "only {fields_set} fields were set");
}
