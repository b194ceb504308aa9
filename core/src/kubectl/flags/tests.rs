use super::*;

const FLAGS: [Flag; 5] = [
    Flag::new("watch", Some('w'), Takes::Nothing),
    Flag::new("replicas", None, Takes::Number),
    Flag::new("cascade", None, Takes::Maybe("background")),
    FILENAME,
    ALL_NAMESPACES,
];

fn read(line: &str) -> Result<Arguments, String> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    Arguments::read("kubectl get", &words, &FLAGS)
}

#[test]
fn flags_and_names_may_be_mixed() {
    let arguments = read("pods --replicas 3 -Af a.yaml -fb.yaml web --cascade -- -x").unwrap();
    assert_eq!(arguments.names, ["pods", "web", "-x"]);
    assert_eq!(arguments.number("replicas"), Some(3));
    assert!(arguments.is_on("all-namespaces"));
    assert_eq!(arguments.texts("filename").collect::<Vec<_>>(), ["a.yaml", "b.yaml"]);
    assert_eq!(arguments.text("cascade"), Some("background"));
}

#[test]
fn refusals_are_worded_as_kubectl_words_them() {
    let refused = |line: &str| read(line).unwrap_err();
    assert_eq!(refused("--foo"), "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.");
    assert_eq!(
        refused("pods extra --watch=maybe"),
        "error: invalid argument \"maybe\" for \"-w, --watch\" flag: strconv.ParseBool: parsing \"maybe\": invalid \
         syntax\nSee 'kubectl get --help' for usage."
    );
    assert!(refused("--replicas=x").starts_with(
        "error: invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax"
    ));
    assert!(refused("--replicas").starts_with("error: flag needs an argument: --replicas"));
    assert!(refused("-f").starts_with("error: flag needs an argument: 'f' in -f"));
    assert!(refused("-xf").starts_with("error: unknown shorthand flag: 'x' in -xf"));
}
