//! Who may do what: Roles and bindings, seen through `--as`.

use expect_test::expect;
use kubestep_tests::manifests::MY_DEPLOYMENT;

use crate::printed;

const READER: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: jane-reads}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
- {kind: User, name: jane}
- {kind: ServiceAccount, name: builder}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: devs-edit}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: Group, name: devs}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: leads-nowhere}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: nobody-wrote-it}
subjects: [{kind: User, name: lost}]
---
";

#[test]
fn whoever_no_rule_allows_is_told_what_is_forbidden() {
    let commands = "
        get service my-service --as jane
        get pods -A --as jane
        get nodes --as jane
        delete deployment my-deployment --as jane
        scale deployment my-deployment --replicas=1 --as jane
        create namespace lab --as jane
        get pods --as lost
        logs my-deployment-x --as system:anonymous
        get pods --as jane -n other";
    printed(&format!("{READER}{MY_DEPLOYMENT}"), commands, expect![[r#""#]]);
}

#[test]
fn roles_are_given_by_name_by_group_and_to_service_accounts() {
    let commands = "
        auth can-i list pods --as jane
        auth can-i create pods --as jane
        auth can-i list pods --as system:serviceaccount:default:builder
        auth can-i list pods --as system:serviceaccount:other:builder
        auth can-i delete deployments.apps --as joe --as-group devs
        auth can-i create rolebindings --as joe --as-group devs
        auth can-i get pods --subresource=log --as jane
        auth can-i get /version --as jane
        auth can-i list widgets
        auth whoami --as jane --as-group devs
        auth can-i --list --as jane";
    printed(READER, commands, expect![[r#""#]]);
}

#[test]
fn a_binding_says_for_good_which_role_it_gives() {
    let commands = r#"
        patch rolebinding jane-reads -p '{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"x"}}'
        create role r --verb=get --resource=pods,deployments.apps --dry-run=client -o yaml
        create rolebinding b --clusterrole=view --serviceaccount=default:builder
        create clusterrolebinding c --clusterrole=view --user=jane
        get nodes --as jane
        get deployments -A --as jane
        describe rolebinding b
        describe role reader
        get rolebindings -o wide"#;
    printed(READER, commands, expect![[r#""#]]);
}
