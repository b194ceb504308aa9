use super::*;
use serde_json::json;

fn check(template: &str, expected: &str) {
    let value = json!({
        "items": [
            {"metadata": {"name": "a", "labels": {"app.io/tier": "x"}}, "size": 1},
            {"metadata": {"name": "b"}, "size": 3},
        ],
    });
    let mut out = String::new();
    Template::parse(template).unwrap().print(&value, &mut out).unwrap();
    assert_eq!(out, expected, "{template}");
}

#[test]
fn paths_lead_to_values() {
    check("{.items[*].metadata.name}", "a b");
    check("{.items[0].size} of {.items[-1].size}", "1 of 3");
    check("{.items[0].metadata.labels}", r#"{"app.io/tier":"x"}"#);
    check("{.items[0].metadata.labels.app\\.io/tier}", "x");
    check("{.items[0]['size','metadata']}", r#"1 {"labels":{"app.io/tier":"x"},"name":"a"}"#);
    check("{..name}", "a b");
    check("{.items[1:].size}", "3");
    check("{.nothing.there}", "");
    check("plain", "plain");
}

#[test]
fn ranges_and_filters_choose() {
    check("{range .items[*]}{.metadata.name}={.size}{\"\\n\"}{end}", "a=1\nb=3\n");
    check("{.items[?(@.size>1)].metadata.name}", "b");
    check("{.items[?(@.metadata.name==\"a\")].size}", "1");
    check("{.items[?(@.metadata.labels)].size}", "1");
}

#[test]
fn items_that_a_list_does_not_have_are_told_of_with_all_that_was_given() {
    let mut out = String::new();
    let template = Template::parse("a{.items[2].name}").unwrap();
    let value = json!({"items": [{"n": 1}, null], "kind": "List"});
    let told = template.print(&value, &mut out).unwrap_err();
    assert_eq!(out, "a");
    assert_eq!(
        told,
        "error executing jsonpath \"a{.items[2].name}\": Error executing template: array index out of bounds: index 2, \
         length 2. Printing more information for debugging the template:\n\ttemplate was:\n\t\ta{.items[2].name}\n\
         \tobject given to jsonpath engine was:\n\t\tmap[string]interface {}{\"items\":[]interface {}{map[string]\
         interface {}{\"n\":1}, interface {}(nil)}, \"kind\":\"List\"}\n\n"
    );
    let fault = |text: &str| Template::parse(text).unwrap().print(&value, &mut String::new()).unwrap_err();
    assert!(fault("{.kind[0]}").contains("string is not array or slice"));
    assert!(fault("{.items[-3]}").contains("index -1, length 2"));
}

#[test]
fn what_is_no_template_is_told() {
    assert!(Template::parse("{.items").is_err());
    assert!(Template::parse("{range .items[*]}x").is_err());
    assert!(Template::parse("{end}").is_err());
}
