//! Lines that kubectl refuses, or answers in a way of its own: in its words.

use expect_test::expect;
use kubestep_tests::manifests::web;

use super::printed;

/// A Deployment, a ConfigMap, and a person who may scale.
fn shop() -> String {
    let more = "
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: blue}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: scaler}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [get]}
- {apiGroups: [apps], resources: [deployments/scale], verbs: [patch]}
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: scaler}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: scaler}
subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
";
    format!("{}{more}", web(2, "", ""))
}

#[test]
fn who_may_scale_need_not_be_allowed_to_change_anything_else() {
    printed(
        &shop(),
        "
        scale deployment web --replicas=3 --as jane
        label deployment web a=b --as jane
        exec deploy/web --as jane -- env
        create token default --as jane
        ",
        expect![[""]],
    );
}

#[test]
fn what_cannot_be_printed_is_told_with_what_can() {
    printed(
        &shop(),
        "
        get cm settings -o table
        create cm x --from-literal=a=1 -o table
        get cm settings other -o name
        get cm settings -o jsonpath={.data[1]}
        get cm settings -o 'jsonpath={.items[1].name}'
        get cm -o custom-columns=NAME:.items[7]
        get cm --sort-by=.spec.size
        get pods.apps
        get node node-1 -A -o name
        ",
        expect![[""]],
    );
}

#[test]
fn selectors_are_read_by_the_api_server() {
    printed(
        &shop(),
        "
        get pods -l 'app in (web' -o name
        get cm,svc -l =x
        get pods -l 'app notin (web),!old,tier!=x'
        delete pods -l 'a b'
        ",
        expect![[""]],
    );
}

#[test]
fn a_patch_that_makes_no_object_is_told_of_as_a_patch() {
    printed(
        &shop(),
        r#"
        patch deploy web -p '{"spec":{"replicas":"x"}}'
        patch deploy web -p '{"spec":{"template":{"spec":{"containers":"x"}}}}'
        patch deploy web -p x
        patch deploy web --type=json -p '{}'
        patch deploy web --type=json -p '[{"op":"remove","path":"/spec/nope"}]'
        patch deploy web -p '{"spec":{"nope":1}}'
        "#,
        expect![[""]],
    );
}

#[test]
fn labels_and_variables_are_listed_and_checked_before_anything_is_asked_for() {
    printed(
        &shop(),
        "
        label cm settings a=b
        label cm settings --list
        label cm --all --list
        label cm settings 'a=b c'
        label cm settings a=b=c
        label cm settings a=b a-
        annotate cm settings a=b a-
        set env deploy/web COLOR=red
        set env deploy/web --list
        set image
        set image cm/settings web=x
        set image deploy/web web=
        ",
        expect![[""]],
    );
}

#[test]
fn what_is_created_has_one_name_and_what_it_needs() {
    printed(
        &shop(),
        "
        create deployment
        create deployment a b --image=x
        create deployment sleepy --image=busybox:1.36 -o name -- sleep 1d
        get deploy sleepy -o jsonpath={.spec.template.spec.containers[0].command}
        create job once --image=busybox:1.36 again
        create cm twice --from-literal=a=1 --from-literal=a=2
        autoscale deploy web
        autoscale cm settings --max=2
        autoscale deploy web --max=3 --cpu-percent=50
        get hpa web -o jsonpath={.spec.metrics[0].resource.target}
        ",
        expect![[""]],
    );
}

#[test]
fn an_ingress_is_created_from_its_rules() {
    printed(
        &shop(),
        "
        create ingress shop --class=nginx --rule=shop.example/cart*=cart:80,tls=keys --dry-run=client -o yaml
        create ingress shop --rule=shop.example/=web:http
        get ingress
        create ingress shop --rule=web:80
        ",
        expect![[""]],
    );
}

#[test]
fn a_drain_that_only_pretends_leaves_everything_where_it_is() {
    printed(
        &shop(),
        "
        drain node-1 --dry-run=client
        drain node-1 --dry-run=server
        get nodes -o name --field-selector spec.unschedulable=true
        ",
        expect![[""]],
    );
}

#[test]
fn replace_by_force_waits_until_the_old_object_is_gone() {
    let mut story = kubestep_tests::Story::of(&shop());
    let run = |story: &mut kubestep_tests::Story, line: &str, text: &str| {
        let files = |_: &str| Some(text.to_owned());
        let id = story.timeline.submit(kubestep_core::Command::parse(line, &files).unwrap());
        story.timeline.advance(
            kubestep_core::engine::Until::Command(id),
            kubestep_core::engine::Budget { steps: 10_000 },
        );
        story.rest();
        story.output(id)
    };
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: lone}\nspec: {containers: [{name: a, image: 'a:1'}]}\n";
    expect![[""]].assert_eq(&run(&mut story, "replace --force -f pod.yaml", pod));
    let before = story.run("get pod lone -o jsonpath={.metadata.uid}");
    let before = story.output(before);
    expect![[""]].assert_eq(&run(&mut story, "replace --force -f pod.yaml", pod));
    let after = story.run("get pod lone -o jsonpath={.metadata.uid}");
    assert_ne!(before, story.output(after));
    // A finalizer that nobody sees to: it gives up.
    story.run(r#"patch pod lone --type=merge -p '{"metadata":{"finalizers":["example.com/x"]}}'"#);
    expect![[""]].assert_eq(&run(&mut story, "replace --force --timeout=20s -f pod.yaml", pod));
}
