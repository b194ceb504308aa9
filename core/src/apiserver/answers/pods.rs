//! Pods: everything but their volumes.

use super::*;

#[test]
fn debuggers_have_nothing_that_others_rely_on() {
    let spec = "ephemeralContainers: [{name: web, image: busybox, targetContainerName: db, ports: [{containerPort: 80}], \
                livenessProbe: {exec: {command: [ls]}}}]";
    assert_eq!(
        refusal(&pod(spec)),
        [
            "spec.ephemeralContainers[0].name: Duplicate value: \"web\"",
            "spec.ephemeralContainers[0].targetContainerName: Not found: \"db\"",
            "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
            "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
            "spec.ephemeralContainers: Forbidden: cannot be set on create",
        ]
    );
}

#[test]
fn settings_of_another_system_are_refused() {
    let spec = "os: {name: linux}, securityContext: {windowsOptions: {runAsUserName: 'a/b'}}";
    assert_eq!(
        refusal(&pod(spec)),
        [
            "spec.securityContext.windowsOptions.runAsUserName: Invalid value: \"a/b\": runAsUserName's User cannot \
             contain the following characters: \"/\\:;|=,+*?<>@[]",
            "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
        ]
    );
    let fields = "securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}";
    assert_eq!(
        refusal(&pod_with_container(fields, "os: {name: windows}")),
        [
            "spec.containers[0].securityContext.capabilities: Forbidden: cannot be set for a windows pod",
            "spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod",
        ]
    );
}

#[test]
fn a_runtime_class_has_to_be_there() {
    assert_eq!(
        refusal(&pod("runtimeClassName: gvisor")),
        ["pods \"web\" is forbidden: pod rejected: RuntimeClass \"gvisor\" not found"]
    );
    let mut server = Server::new();
    server.accept(
        "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: gvisor}, handler: runsc, \
         overhead: {podFixed: {cpu: 100m}}}",
    );
    let stored = server.accept(&pod("runtimeClassName: gvisor"));
    assert_eq!(stored.pointer("/spec/overhead/cpu"), Some(&"100m".into()));
}

#[test]
fn amounts_are_read_as_go_reads_them() {
    let asks =
        |amount: &str| pod_with_container(&format!("resources: {{requests: {{memory: {amount}}}}}"), "");
    let of = |amount: &str| stored(&asks(amount), "/spec/containers/0/resources/requests/memory");
    assert_eq!(of("' 1024Mi '"), "1Gi");
    assert_eq!(of("1.0001Ki"), "1024103m");
    assert_eq!(of("100u"), "1m");
    let wrong = |amount: &str| refusal(&asks(amount)).remove(0);
    let starts = "Pod in version \"v1\" cannot be handled as a Pod: ";
    assert_eq!(wrong("1K"), format!("{starts}unable to parse quantity's suffix"));
    assert!(wrong("1MB").starts_with(&format!("{starts}quantities must match the regular expression")));
}

#[test]
fn a_template_may_name_an_image_that_is_none() {
    let manifest = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: \
                    {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: MyApp}]}}}}";
    assert_eq!(stored(manifest, "/spec/template/spec/containers/0/imagePullPolicy"), "IfNotPresent");
}

#[test]
fn a_bound_pod_names_a_node_that_there_could_be() {
    let told = refusal(&pod("nodeName: Node_1"));
    assert!(
        told[0].starts_with("spec.nodeName: Invalid value: \"Node_1\": a lowercase RFC 1123 subdomain"),
        "{told:?}"
    );
}

#[test]
fn label_keys_complete_the_selectors_of_a_new_pod() {
    let pod = |selector: &str| {
        let spread = format!(
            "topologySpreadConstraints: [{{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, \
             matchLabelKeys: [rev, gone], labelSelector: {selector}}}]"
        );
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: web, labels: {{app: web, rev: one}}}}, spec: {{containers: \
             [{{name: web, image: web:1}}], {spread}}}}}"
        )
    };
    let selector =
        stored(&pod("{matchLabels: {app: web}}"), "/spec/topologySpreadConstraints/0/labelSelector");
    let rev = serde_json::json!({ "key": "rev", "operator": "In", "values": ["one"] });
    assert_eq!(selector, serde_json::json!({ "matchLabels": { "app": "web" }, "matchExpressions": [rev] }));
    assert_eq!(
        refusal(&pod("{matchLabels: {rev: one}}")),
        [
            "spec.topologySpreadConstraints[0][0]: Invalid value: \"rev\": exists in both matchLabelKeys and labelSelector"
        ]
    );
}
