//! `-o custom-columns=NAME:.metadata.name,…`. Upstream: `k8s.io/kubectl/pkg/cmd/get/customcolumn.go`.

use serde_json::Value;

use super::jsonpath::{self, Path};
use super::{NONE, tabs};

/// Columns that a person chose.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Columns(Vec<(String, Path)>);

impl Columns {
    /// Reads `NAME:.metadata.name,IMAGE:.spec.containers[*].image`.
    ///
    /// # Errors
    /// kubectl's own words for what names no columns.
    pub(crate) fn parse(text: &str) -> Result<Columns, String> {
        if text.is_empty() {
            return Err("error: custom-columns format specified but no custom columns given".to_owned());
        }
        let column = |part: &str| match part.split_once(':') {
            Some((header, path)) if !header.is_empty() && !path.is_empty() => {
                let path = Path::of_column(path).map_err(|fault| format!("error: {fault}"))?;
                Ok((header.to_owned(), path))
            }
            _ => Err(format!(
                "error: unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
            )),
        };
        text.split(',').map(column).collect::<Result<_, _>>().map(Columns)
    }

    /// The table of these objects.
    ///
    /// # Errors
    /// What is no list, or has no such item.
    pub(crate) fn table(&self, objects: &[Value], without_headers: bool) -> Result<String, String> {
        let header: Vec<&str> = self.0.iter().map(|(header, _)| header.as_str()).collect();
        let mut text = if without_headers { String::new() } else { header.join("\t") + "\n" };
        for object in objects {
            let cells = self.0.iter().map(|(_, path)| cell(path, object)).collect::<Result<Vec<_>, _>>()?;
            text += &(cells.join("\t") + "\n");
        }
        Ok(tabs::align(&text, 6, 3))
    }
}

fn cell(path: &Path, object: &Value) -> Result<String, String> {
    let found: Vec<String> =
        path.all(object)?.into_iter().filter(|value| !value.is_null()).map(go_value).collect();
    Ok(if found.is_empty() { NONE.to_owned() } else { found.join(",") })
}

/// Maps and lists are printed as Go prints them: `map[app:web]`, `[a b]`.
fn go_value(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", go_value(value))).collect();
            format!("map[{}]", entries.join(" "))
        }
        Value::Array(list) => {
            let values: Vec<String> = list.iter().map(go_value).collect();
            format!("[{}]", values.join(" "))
        }
        other => jsonpath::shown(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_aligned_and_holes_are_named() {
        let columns = Columns::parse("N:.metadata.name,T:.spec.taints[*].key").unwrap();
        let objects = [
            json!({"metadata": {"name": "node-1"}, "spec": {"taints": [{"key": "a"}, {"key": "b"}]}}),
            json!({"metadata": {"name": "node-2"}}),
        ];
        assert_eq!(columns.table(&objects, false).unwrap(), "N        T\nnode-1   a,b\nnode-2   <none>\n");
        assert_eq!(columns.table(&objects[1..], true).unwrap(), "node-2   <none>\n");
        assert!(Columns::parse("N").is_err());
    }
}
