use super::*;

fn said(text: &str) -> Vec<(u32, u32, u32, bool, String)> {
    let tuple = |it: Diagnostic| (it.line, it.column, it.length, it.is_error, it.message);
    read(text).1.into_iter().map(tuple).collect()
}

pub(crate) const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
";

#[test]
fn a_good_manifest_has_objects_and_no_diagnostics() {
    let text = format!("# first\n{WEB}---\n{}", WEB.replace("name: web\nspec", "name: other\nspec"));
    let (documents, diagnostics) = read(&text);
    assert_eq!(diagnostics, []);
    let found: Vec<(&str, u32)> = documents.iter().map(|it| (it.object.name(), it.line)).collect();
    assert_eq!(found, [("web", 2), ("other", 16)]);
    assert_eq!(documents[0].json["spec"]["replicas"], 3);
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let text = format!("kind: [\n---\n{WEB}---\nkind: Pod\n");
    let (documents, diagnostics) = read(&text);
    assert_eq!(documents.len(), 1);
    let lines: Vec<u32> = diagnostics.iter().map(|it| it.line).collect();
    assert_eq!(lines, [1, 17]);
    assert_eq!(diagnostics[1].message, "apiVersion not set");
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    let unknown = WEB.replace("replicas", "replica");
    assert_eq!(
        said(&unknown),
        [(6, 3, 7, true, "unknown field \"spec.replica\": did you mean \"replicas\"?".to_owned())]
    );
    let wrong = WEB.replace("replicas: 3", "replicas: three");
    let message =
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32";
    assert_eq!(said(&wrong), [(6, 13, 5, true, message.to_owned())]);
    let kind = WEB.replace("kind: Deployment", "kind: Deploymint");
    let message = "no matches for kind \"Deploymint\" in version \"apps/v1\": did you mean \"Deployment\"?";
    assert_eq!(said(&kind), [(2, 7, 10, true, message.to_owned())]);
    let twice = WEB.replace("  replicas: 3\n", "  replicas: 3\n  replicas: 4\n");
    let message = "duplicate field \"spec.replicas\": the last one counts";
    assert_eq!(said(&twice), [(7, 3, 8, false, message.to_owned())]);
    let nameless = WEB.replace("  name: web\nspec", "  labels: {}\nspec");
    let message = "metadata.name: Required value: name or generateName is required";
    assert_eq!(said(&nameless), [(3, 1, 8, true, message.to_owned())]);
    let tab = WEB.replace("  replicas", "\treplicas");
    let message = "found character that cannot start any token";
    assert_eq!(said(&tab), [(6, 1, 1, true, message.to_owned())]);
    let lease = "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: c}\n";
    let message = "Lease is kept and shown, and nothing here acts on it";
    assert_eq!(said(lease), [(2, 7, 5, false, message.to_owned())]);
}

#[test]
fn what_no_kind_is_known_of_is_kept_on_a_persons_word() {
    let widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n";
    let message = "no matches for kind \"Widget\" in version \"example.com/v1\"";
    assert_eq!(said(widget), [(2, 7, 6, true, message.to_owned())]);
    let keeps = "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {unknownKinds: Keep}\n---\n";
    let text = format!("{keeps}{widget}");
    let (documents, diagnostics) = read(&text);
    assert_eq!(documents[0].object.to_json()["spec"]["size"], 3);
    assert!(!diagnostics[0].is_error);
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: \
            {name: widgets.example.com}\nspec: {group: example.com, scope: Namespaced, names: {kind: Widget, \
            plural: widgets}, versions: [{name: v1, served: true, storage: true}]}\n---\n";
    assert_eq!(read(&format!("{definition}{widget}")).0.len(), 2);
}

#[test]
fn items_of_a_list_are_documents_of_their_own() {
    let indented: String = WEB.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("apiVersion: v1\nkind: List\nitems:\n-{}", &indented[1..]);
    let (documents, diagnostics) = read(&text);
    assert_eq!((documents.len(), diagnostics.len()), (1, 0));
    assert_eq!(locate(&text, 0, "spec.replicas").map(|at| (at.line, at.column)), Some((9, 5)));
}

#[test]
fn a_field_is_found_or_the_nearest_one_above_it() {
    let text = format!("{WEB}---\nnot: an object\n---\n{WEB}");
    let line = |document: usize, path: &str| locate(&text, document, path).map(|at| at.line);
    assert_eq!(line(0, "spec.replicas"), Some(6));
    assert_eq!(line(0, "spec.strategy.rollingUpdate.maxSurge"), Some(5));
    assert_eq!(line(0, "spec.template.spec.containers[*].image"), Some(13));
    assert_eq!(line(1, "spec.replicas"), Some(22));
    assert_eq!(line(1, "nothing"), Some(17));
    assert_eq!(line(2, "spec"), None);
}

#[test]
fn limits_are_said_with_their_numbers() {
    let long = "a".repeat(MAX_BYTES + 1);
    assert!(read(&long).1[0].message.contains("2097152"));
    let many = "---\nx: 1\n".repeat(MAX_DOCUMENTS + 5);
    let (_, diagnostics) = read(&many);
    assert_eq!(diagnostics.len(), MAX_DIAGNOSTICS);
    let cut = read(&format!("{}{WEB}", "---\n# nothing\n".repeat(MAX_DOCUMENTS + 5)));
    assert_eq!((cut.0.len(), cut.1.len()), (1, 0), "empty documents do not count");
}

/// Any text: it is read without a panic, and in a moment.
#[test]
fn hostile_texts_are_survived() {
    let brackets = "[".repeat(500_000);
    let braces = "{a: ".repeat(200_000);
    let dashes = "- ".repeat(500_000);
    let question = "? ".repeat(500_000);
    let broken = format!("}}\n{}", "[".repeat(500_000));
    let aliases = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(1000), "*a, ".repeat(1000));
    for text in [&brackets, &braces, &dashes, &question, &broken, &aliases] {
        assert!(!read(text).1.is_empty(), "{}", &text[..20]);
    }
    let mut rng = crate::rng::Rng::new(7);
    let pieces = [
        "a",
        ": ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        "&x ",
        "*x",
        "!t ",
        "'",
        "\"",
        "|",
        ">",
        "#",
        "?",
        ",",
        "%",
        "@",
        "---\n",
        "...\n",
        "\t",
        "<<",
        "0x",
        "\u{feff}",
        "é",
        "\\",
        "apiVersion: v1\nkind: Pod\n",
        "kind: List\nitems:\n",
    ];
    for _ in 0..5_000 {
        let count = rng.below(24);
        let text: String = (0..count).map(|_| pieces[rng.below(pieces.len() as u64) as usize]).collect();
        let (documents, _) = read(&text);
        locate(&text, documents.len(), "spec.a[0]");
    }
}
