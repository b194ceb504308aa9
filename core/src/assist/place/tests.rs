use super::*;
use crate::manifest::shown_path;

/// Where the `|` of a text is: the path, the key whose value is written, the siblings.
fn told(text: &str) -> String {
    let before = text.split('|').next().unwrap();
    let (line, column) =
        (before.lines().count().max(1), before.lines().last().unwrap_or("").chars().count() + 1);
    let (line, column) = if before.ends_with('\n') { (line + 1, 1) } else { (line, column) };
    let text = text.replace('|', "");
    let Some(place) = at(&text, line, column) else { return "nowhere".to_owned() };
    let role = match place.role {
        Role::Key => "key".to_owned(),
        Role::Value(key) => format!("value of {key}"),
    };
    format!("{} {role} beside [{}]", shown_path(&place.path), place.siblings.join(" "))
}

#[test]
fn keys_are_placed_by_their_indentation() {
    assert_eq!(told("kind: Pod\nspec:\n  |"), "spec key beside []");
    assert_eq!(told("kind: Pod\n|\nspec:\n  a: 1"), " key beside [kind spec]");
    let pod = "kind: Pod\nspec:\n  containers:\n  - name: a\n    ports:\n    - containerPort: 80\n  - image: b\n    ";
    assert_eq!(told(&format!("{pod}na|")), "spec.containers[1] key beside [image]");
    assert_eq!(told(&format!("{pod}ports:\n    - |")), "spec.containers[1].ports[0] key beside []");
    assert_eq!(
        told(&format!("{pod}ports:\n      - protocol: T|")),
        "spec.containers[1].ports[0] value of protocol beside []"
    );
    assert_eq!(told("a:\n- - b: 1\n    c|\n"), "a[0][0] key beside [b]");
}

#[test]
fn the_word_at_the_caret_is_what_is_replaced() {
    let place = at("spec:\n  restartPolicy: Alw", 2, 21).unwrap();
    assert_eq!((place.role, place.word), (Role::Value("restartPolicy"), (18, 21)));
    let place = at("spec:\n  restartPolicy: ", 2, 18).unwrap();
    assert_eq!((place.role, place.word), (Role::Value("restartPolicy"), (18, 18)));
    let place = at("spec:\n  repl: 3", 2, 5).unwrap();
    assert_eq!((place.role, place.word), (Role::Key, (3, 7)));
}

#[test]
fn braces_and_brackets_are_entered() {
    assert_eq!(told("kind: Pod\nspec: {re|"), "spec key beside []");
    assert_eq!(told("spec:\n  containers:\n  - {name: a, im|}\n"), "spec.containers[0] key beside [name]");
    assert_eq!(
        told("spec:\n  containers: [\n    {name: a},\n    {ports: [{protocol: |\n  ]\nkind: Pod"),
        "spec.containers[1].ports[0] value of protocol beside []"
    );
    assert_eq!(told("a: {b: c}\nd:\n  |"), "d key beside []");
    let place = at("{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n \"spec\": {\"re\"", 2, 14).unwrap();
    assert_eq!((place.api_version, place.kind, place.word), ("v1", "Pod", (11, 15)));
}

#[test]
fn an_item_of_a_list_is_an_object_of_its_own() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - na: 1\n";
    let text = format!("{list}- kind: Service\n  apiVersion: v1\n  spec:\n    \n- kind: Job\n");
    let place = at(&text, 12, 5).unwrap();
    assert_eq!(
        (place.api_version, place.kind, shown_path(&place.path)),
        ("v1", "Service", "spec".to_owned())
    );
    assert_eq!(place.word, (5, 5));
    let place = at(&text, 8, 9).unwrap();
    assert_eq!((place.kind, shown_path(&place.path)), ("Pod", "spec.containers[0]".to_owned()));
    assert_eq!((place.word, place.indent), ((7, 9), 6));
    let place = at("kind: List\nitems:\n  - {kind: Pod, spec: {}}", 3, 24).unwrap();
    assert_eq!((place.kind, shown_path(&place.path), place.word), ("Pod", "spec".to_owned(), (24, 24)));
}

#[test]
fn documents_end_at_three_dashes() {
    let text = "kind: Pod\n---\napiVersion: v1\nkind: 'Service'\nspec:\n  \n---\nkind: Job\n";
    let place = at(text, 6, 3).unwrap();
    assert_eq!((place.api_version, place.kind), ("v1", "Service"));
    assert_eq!(at(text, 2, 1), None);
}

#[test]
fn nothing_is_offered_in_comments_and_below_words() {
    assert_eq!(told("spec:\n  # re|"), "nowhere");
    assert_eq!(told("spec:\n  replicas: 3\n    |"), "nowhere");
}
