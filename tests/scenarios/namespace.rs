//! Deleting a namespace: its pods go first, then everything else, then itself.

use expect_test::expect;
use kubestep_core::Duration;
use kubestep_core::api::{Kind, Namespace};
use kubestep_core::engine::{Budget, Until};
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
    // The controller begins five seconds after the request, and looks again five seconds after it told what is left.
    story
        .timeline
        .advance(Until::Time(story.timeline.head().now + Duration::from_seconds(12)), Budget { steps: 1000 });
    story.rest();
    let told = story.tells(Chapter::Everything);
    let controller =
        told.lines().filter(|line| line.contains("Namespace controller") && !line.contains("web."));
    expect![[r#"
        7.225   Namespace controller: Reports of team: 2 objects are left.
        7.230   Namespace controller: Deletes web-8588b5bfb4-856wq: its namespace is to go.
        7.235   Namespace controller: Deletes web-8588b5bfb4-kqdrj: its namespace is to go.
        12.229  Namespace controller: Reports of team: 15 objects are left.
        12.234  Namespace controller: Deletes web-8588b5bfb4-856wq.18867251f1ac0b80: its namespace is to go.
        12.239  Namespace controller: Deletes web-8588b5bfb4-856wq.18867251fdd4d680: its namespace is to go.
        12.244  Namespace controller: Deletes web-8588b5bfb4-856wq.188672523379bf80: its namespace is to go.
        12.249  Namespace controller: Deletes web-8588b5bfb4-856wq.188672523379bf81: its namespace is to go.
        12.254  Namespace controller: Deletes web-8588b5bfb4-856wq.1886725242607200: its namespace is to go.
        12.259  Namespace controller: Deletes web-8588b5bfb4-kqdrj.18867251f1137500: its namespace is to go.
        12.264  Namespace controller: Deletes web-8588b5bfb4-kqdrj.18867251fd3c4000: its namespace is to go.
        12.269  Namespace controller: Deletes web-8588b5bfb4-kqdrj.1886725232e12900: its namespace is to go.
        12.274  Namespace controller: Deletes web-8588b5bfb4-kqdrj.1886725232e12901: its namespace is to go.
        12.279  Namespace controller: Deletes web-8588b5bfb4-kqdrj.1886725241c7db80: its namespace is to go.
        12.284  Namespace controller: Deletes web-8588b5bfb4.18867251f03dd580: its namespace is to go.
        12.289  Namespace controller: Deletes web-8588b5bfb4.18867251f03dd581: its namespace is to go.
        12.299  Namespace controller: Deletes web: its namespace is to go.
        12.304  Namespace controller: Deletes web-8588b5bfb4: its namespace is to go.
        12.314  Namespace controller: Reports of team: 0 objects are left.
        12.319  Namespace controller: Lets team go: nothing is left in it.
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
