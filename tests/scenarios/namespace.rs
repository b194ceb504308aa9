//! Deleting a namespace: its pods go first, then everything else, then itself.

use expect_test::expect;
use kubestep_core::api::{Kind, Namespace};
use kubestep_tests::manifests::web;
use kubestep_tests::{Chapter, Story};

#[test]
fn a_namespace_goes_when_everything_in_it_is_gone() {
    let team = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n---\n";
    let deployment =
        web(2, "", "").replace("metadata:\n  name: web", "metadata:\n  namespace: team\n  name: web");
    let mut story = Story::of(&format!("{team}{deployment}"));
    story.tells(Chapter::Everything);
    let delete = story.run("delete namespace team");
    expect![[r#"
        namespace "team" deleted
    "#]]
    .assert_eq(&story.output(delete));
    let told = story.tells(Chapter::Everything);
    let controller =
        told.lines().filter(|line| line.contains("Namespace controller") && !line.contains("web."));
    expect![[r#"
        2.235   Namespace controller: Reports of team: 2 objects are left.
        2.240   Namespace controller: Deletes web-8588b5bfb4-856wq: its namespace is to go.
        2.245   Namespace controller: Deletes web-8588b5bfb4-kqdrj: its namespace is to go.
        3.003   Namespace controller: Reports of team: 15 objects are left.
        3.008   Namespace controller: Deletes web-8588b5bfb4-856wq.18867251f1ac0b80: its namespace is to go.
        3.013   Namespace controller: Deletes web-8588b5bfb4-856wq.18867251fdd4d680: its namespace is to go.
        3.018   Namespace controller: Deletes web-8588b5bfb4-856wq.188672523379bf80: its namespace is to go.
        3.023   Namespace controller: Deletes web-8588b5bfb4-856wq.188672523379bf81: its namespace is to go.
        3.028   Namespace controller: Deletes web-8588b5bfb4-856wq.1886725242607200: its namespace is to go.
        3.033   Namespace controller: Deletes web-8588b5bfb4-kqdrj.18867251f1137500: its namespace is to go.
        3.038   Namespace controller: Deletes web-8588b5bfb4-kqdrj.18867251fd3c4000: its namespace is to go.
        3.043   Namespace controller: Deletes web-8588b5bfb4-kqdrj.1886725232e12900: its namespace is to go.
        3.048   Namespace controller: Deletes web-8588b5bfb4-kqdrj.1886725232e12901: its namespace is to go.
        3.053   Namespace controller: Deletes web-8588b5bfb4-kqdrj.1886725241c7db80: its namespace is to go.
        3.058   Namespace controller: Deletes web-8588b5bfb4.18867251f03dd580: its namespace is to go.
        3.063   Namespace controller: Deletes web-8588b5bfb4.18867251f03dd581: its namespace is to go.
        3.073   Namespace controller: Deletes web: its namespace is to go.
        3.078   Namespace controller: Deletes web-8588b5bfb4: its namespace is to go.
        3.088   Namespace controller: Reports of team: 0 objects are left.
        3.093   Namespace controller: Lets team go: nothing is left in it.
    "#]]
    .assert_eq(&controller.map(|line| format!("{line}\n")).collect::<String>());
    let store = &story.timeline.head().store;
    assert!(store.list::<Namespace>().all(|namespace| namespace.name() != "team"));
    for kind in Kind::ALL {
        assert!(
            store.objects(kind).all(|object| &*object.key().namespace != "team"),
            "{} are left",
            kind.name()
        );
    }
}
