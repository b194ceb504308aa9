//! Names, labels, annotations, owners, finalizers.

use super::*;

fn config_map(metadata: &str) -> String {
    format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{{metadata}}}}}")
}

#[test]
fn a_prefix_is_shown_as_it_was_given() {
    let told = refusal(&config_map("generateName: My_Config-"));
    assert!(
        told[0].starts_with(
            "metadata.generateName: Invalid value: \"My_Config-\": a lowercase RFC 1123 subdomain"
        )
    );
    assert!(told[1].starts_with("metadata.name: Invalid value: \"My_Config-"), "{told:?}");
    assert_eq!(refusal(&config_map("generateName: web-")), [""; 0]);
}

#[test]
fn owners_are_told_of_as_a_list() {
    let owner = "{apiVersion: a/b/c, kind: '', name: '', uid: ''}";
    assert_eq!(
        refusal(&config_map(&format!("name: c, ownerReferences: [{owner}]"))),
        [
            "metadata.ownerReferences.apiVersion: Invalid value: \"a/b/c\": version must not be empty",
            "metadata.ownerReferences.kind: Invalid value: \"\": must not be empty",
            "metadata.ownerReferences.name: Invalid value: \"\": must not be empty",
            "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty",
        ]
    );
}

#[test]
fn finalizers_have_domains() {
    assert_eq!(
        refusal(&config_map("name: c, finalizers: [mine, orphan, foregroundDeletion]")),
        [
            "metadata.finalizers: Invalid value: [\"mine\",\"orphan\",\"foregroundDeletion\"]: finalizer orphan and \
             foregroundDeletion cannot be both set",
            "metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it \
             fully qualified",
        ]
    );
}

#[test]
fn a_wrong_label_of_a_new_version_is_told_as_often_as_upstream_finds_it() {
    let wrong = |kind: &str, rest: &str| {
        let object =
            |labels: &str| format!("{{{kind}, metadata: {{name: web, labels: {{{labels}}}}}{rest}}}");
        let told = refusal_of_update(&object("a: b"), &object("a: b c"));
        assert!(told.iter().all(|it| it.starts_with("metadata.labels: Invalid value: \"b c\"")), "{told:?}");
        told.len()
    };
    let template = "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: web:1}]}}";
    let workload = format!(", spec: {{selector: {{matchLabels: {{a: b}}}}, {template}}}");
    assert_eq!(wrong("apiVersion: apps/v1, kind: Deployment", &workload), 3);
    assert_eq!(wrong("apiVersion: apps/v1, kind: ReplicaSet", &workload), 4);
    assert_eq!(wrong("apiVersion: v1, kind: ConfigMap", ""), 4);
    assert_eq!(wrong("apiVersion: v1, kind: Pod", ", spec: {containers: [{name: web, image: web:1}]}"), 4);
    assert_eq!(wrong("apiVersion: policy/v1, kind: PodDisruptionBudget", ", spec: {minAvailable: 1}"), 2);
}

#[test]
fn a_pods_metadata_is_told_before_its_spec() {
    let manifest = "{apiVersion: v1, kind: Pod, metadata: {name: Web, annotations: \
                    {controller.kubernetes.io/pod-deletion-cost: '+1'}}, spec: {containers: []}}";
    let told = refusal(manifest);
    assert!(told[0].starts_with("metadata.name: Invalid value: \"Web\""), "{told:?}");
    assert_eq!(
        told[1..],
        [
            "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+1\": must be a 32bit \
             integer",
            "spec.containers: Required value",
        ]
    );
}

#[test]
fn a_new_object_has_no_version_to_be_stored_under() {
    let manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {name: web, resourceVersion: '7'}}";
    let refused = Server::new().post(manifest).unwrap_err();
    assert_eq!((refused.code, refused.reason.name()), (500, ""));
    assert_eq!(refused.message, "resourceVersion should not be set on objects to be created");
}
