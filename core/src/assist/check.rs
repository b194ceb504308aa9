//! What is wrong with a text: what reading it finds, and what the API server would refuse or warn of.

use super::probe;
use crate::api::Object;
use crate::apiserver::{ApiError, Fault, FieldError, Reason};
use crate::engine::World;
use crate::manifest::{Diagnostic, Places, Position};
use crate::simulation::{self, Simulation};
use crate::spelling;

/// The longest text that the API server is asked about, in bytes: it is asked each time that typing pauses.
const MOST_BYTES: usize = 256 << 10;

/// How many faults of fields are told.
const MOST_FAULTS: usize = 100;

/// Everything that is wrong with a text, in its order.
pub fn check(text: &str) -> Vec<Diagnostic> {
    let simulation::Setup { mut diagnostics, .. } = simulation::read(text);
    if text.len() > MOST_BYTES {
        return diagnostics;
    }
    let places = Places::of(text);
    let (documents, _) = crate::manifest::read(text);
    let nothing = World::new(Simulation::default(), Vec::new());
    let mut faults = 0;
    for (index, document) in documents.iter().enumerate() {
        // Nodes form the cluster, and are registered by their kubelets; a nameless object was told of already.
        if matches!(document.object, Object::Node(_)) || document.object.name().is_empty() {
            continue;
        }
        let mut object = document.object.clone();
        let key = object.key().clone();
        if object.kind().is_namespaced() {
            // Whether its namespace is there is a matter of the cluster, not of the text.
            object.set_identity(crate::api::Key::new("default", key.name.clone()), object.uid());
        }
        let Err(error) = probe::create_in(&nothing.store, &object) else { continue };
        for fault in refused(&error) {
            let at = places.value(index, &fault.field);
            let at = at.unwrap_or(Position { line: document.line, column: 1, length: 1 });
            diagnostics.push(Diagnostic::error(at, fault.to_string()).fixed_by(fix(fault, at)));
            faults += 1;
        }
        if faults >= MOST_FAULTS {
            break;
        }
    }
    crate::order::sort_by_key(&mut diagnostics, |diagnostic| (diagnostic.line, diagnostic.column));
    diagnostics
}

/// The fields at fault; what else may be refused depends on the cluster.
fn refused(error: &ApiError) -> &[FieldError] {
    if error.reason == Reason::Invalid { &error.causes } else { &[] }
}

/// The supported value that is spelled most like the one that is not.
fn fix(fault: &FieldError, at: Position) -> Option<crate::manifest::Fix> {
    if fault.fault != Fault::Unsupported {
        return None;
    }
    let supported = probe::listed(&fault.detail);
    let written = fault.value.trim_matches('"');
    let meant = spelling::nearest(written, supported.iter().map(String::as_str))?;
    Some(crate::manifest::Fix { at, text: meant.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::WEB;

    /// Each diagnostic: its line, the words it is about, what it says, what it would make of the text.
    fn told(text: &str) -> Vec<String> {
        let words = |line: u32, column: u32, length: u32| -> String {
            let line = text.lines().nth(line as usize - 1).unwrap_or_default();
            line.chars().skip(column as usize - 1).take(length as usize).collect()
        };
        check(text)
            .iter()
            .map(|found| {
                let own = words(found.line, found.column, found.length);
                let fix = found.fix.as_ref().map_or_else(String::new, |fix| {
                    let old = words(fix.at.line, fix.at.column, fix.at.length);
                    format!(" [{old:?} -> {:?}]", fix.text)
                });
                format!("{} {own:?}: {}{fix}", found.line, found.message)
            })
            .collect()
    }

    fn changed(from: &str, to: &str) -> Vec<String> {
        assert!(WEB.contains(from));
        told(&WEB.replace(from, to))
    }

    #[test]
    fn each_fault_is_told_at_the_words_that_it_speaks_of() {
        let cases: [(&str, &str, &str); 13] = [
            (
                "replicas:",
                "replica:",
                r#"6 "replica": unknown field "spec.replica": did you mean "replicas"? ["replica" -> "replicas"]"#,
            ),
            (
                "image: web:1",
                "img: web:1",
                r#"13 "img": unknown field "spec.template.spec.containers[0].img""#,
            ),
            (
                "replicas: 3",
                "replicas: three",
                r#"6 "three": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"#,
            ),
            (
                "replicas: 3",
                "replicas: \"3\"",
                r#"6 "\"3\"": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32 ["\"3\"" -> "3"]"#,
            ),
            (
                "name: web\nspec",
                "name: web\n  labels: {on: yes}\nspec",
                r#"5 "yes": json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string ["yes" -> "\"yes\""]"#,
            ),
            (
                "replicas: 3",
                "replicas: -1",
                r#"6 "-1": spec.replicas: Invalid value: -1: must be greater than or equal to 0"#,
            ),
            (
                "kind: Deployment",
                "kind: Deploymnet",
                r#"2 "Deploymnet": no matches for kind "Deploymnet" in version "apps/v1": did you mean "Deployment"? ["Deploymnet" -> "Deployment"]"#,
            ),
            (
                "apiVersion: apps/v1",
                "apiVersion: extensions/v1beta1",
                r#"1 "extensions/v1beta1": no matches for kind "Deployment" in version "extensions/v1beta1": did you mean "apps/v1"? ["extensions/v1beta1" -> "apps/v1"]"#,
            ),
            ("apiVersion: apps/v1\n", "", r#"1 "kind": apiVersion not set ["" -> "apiVersion: apps/v1\n"]"#),
            (
                "        image: web:1",
                "        image: web:1\n        imagePullPolicy: always",
                r#"14 "always": spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never" ["always" -> "Always"]"#,
            ),
            (
                "  replicas: 3",
                "\treplicas: 3",
                r#"6 "\t": found character that cannot start any token ["\t" -> "  "]"#,
            ),
            (
                "selector: {matchLabels: {app: web}}",
                "selector: {matchLabels: {app: other}}",
                r#"9 "labels": spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`"#,
            ),
            (
                "        image: web:1\n",
                "",
                r#"12 "name": spec.template.spec.containers[0].image: Required value"#,
            ),
        ];
        for (from, to, expected) in cases {
            assert_eq!(changed(from, to), [expected], "{to}");
        }
    }

    #[test]
    fn every_bad_document_is_told_of() {
        let text = format!(
            "{}---\nkind: [\n---\n{}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec:\n  type: LoadBalancr\n  \
             ports:\n  - port: 800000\n    targetPort: 80\n",
            WEB.replace("replicas", "replica"),
            WEB.replace("web:1", "web:1\n        image: web:2")
        );
        let expected = [
            r#"6 "replica": unknown field "spec.replica": did you mean "replicas"? ["replica" -> "replicas"]"#,
            r#"15 "kind: [": did not find expected node content"#,
            r#"30 "image": duplicate field "spec.template.spec.containers[0].image": the last one counts"#,
            r#"36 "LoadBalancr": spec.type: Unsupported value: "LoadBalancr": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort" ["LoadBalancr" -> "LoadBalancer"]"#,
            r#"38 "800000": spec.ports[0].port: Invalid value: 800000: must be between 1 and 65535, inclusive"#,
        ];
        assert_eq!(told(&text), expected);
    }

    #[test]
    fn wrong_indentation_is_told_where_reading_ends() {
        assert_eq!(
            changed("  replicas: 3", "   replicas: 3"),
            [r#"7 "selector:": did not find expected key"#]
        );
        assert_eq!(
            changed("spec:\n  replicas", "spec:\nreplicas"),
            [r#"7 ":": mapping values are not allowed in this context"#]
        );
    }

    #[test]
    fn what_depends_on_the_cluster_is_not_told() {
        assert_eq!(
            changed("  name: web\nspec", "  name: web\n  namespace: elsewhere\nspec"),
            Vec::<String>::new()
        );
    }
}
