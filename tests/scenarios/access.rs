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
    printed(
        &format!("{READER}{MY_DEPLOYMENT}"),
        commands,
        expect![[r#"
        $ get service my-service --as jane
        Error from server (Forbidden): services "my-service" is forbidden: User "jane" cannot get resource "services" in API group "" in the namespace "default"
        $ get pods -A --as jane
        Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope
        $ get nodes --as jane
        Error from server (Forbidden): nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope
        $ delete deployment my-deployment --as jane
        Error from server (Forbidden): deployments.apps "my-deployment" is forbidden: User "jane" cannot delete resource "deployments" in API group "apps" in the namespace "default"
        $ scale deployment my-deployment --replicas=1 --as jane
        Error from server (Forbidden): deployments.apps "my-deployment" is forbidden: User "jane" cannot get resource "deployments" in API group "apps" in the namespace "default"
        $ create namespace lab --as jane
        Error from server (Forbidden): namespaces is forbidden: User "jane" cannot create resource "namespaces" in API group "" at the cluster scope
        $ get pods --as lost
        Error from server (Forbidden): pods is forbidden: User "lost" cannot list resource "pods" in API group "" in the namespace "default": RBAC: role.rbac.authorization.k8s.io "nobody-wrote-it" not found
        $ logs my-deployment-x --as system:anonymous
        Error from server (Forbidden): pods "my-deployment-x" is forbidden: User "system:anonymous" cannot get resource "pods" in API group "" in the namespace "default"
        $ get pods --as jane -n other
        Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "other"
    "#]],
    );
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
    printed(
        READER,
        commands,
        expect![[r#"
        $ auth can-i list pods --as jane
        yes
        $ auth can-i create pods --as jane
        no
        $ auth can-i list pods --as system:serviceaccount:default:builder
        yes
        $ auth can-i list pods --as system:serviceaccount:other:builder
        no
        $ auth can-i delete deployments.apps --as joe --as-group devs
        yes
        $ auth can-i create rolebindings --as joe --as-group devs
        no
        $ auth can-i get pods --subresource=log --as jane
        no
        $ auth can-i get /version --as jane
        yes
        $ auth can-i list widgets
        Warning: the server doesn't have a resource type 'widgets'

        yes
        $ auth whoami --as jane --as-group devs
        ATTRIBUTE   VALUE
        Username    jane
        Groups      [devs system:authenticated]
        $ auth can-i --list --as jane
        Resources                                       Non-Resource URLs   Resource Names   Verbs
        selfsubjectreviews.authentication.k8s.io        []                  []               [create]
        selfsubjectaccessreviews.authorization.k8s.io   []                  []               [create]
        selfsubjectrulesreviews.authorization.k8s.io    []                  []               [create]
        pods                                            []                  []               [get list watch]
                                                        [/api/*]            []               [get]
                                                        [/api]              []               [get]
                                                        [/apis/*]           []               [get]
                                                        [/apis]             []               [get]
                                                        [/healthz]          []               [get]
                                                        [/healthz]          []               [get]
                                                        [/livez]            []               [get]
                                                        [/livez]            []               [get]
                                                        [/openapi/*]        []               [get]
                                                        [/openapi]          []               [get]
                                                        [/readyz]           []               [get]
                                                        [/readyz]           []               [get]
                                                        [/version/]         []               [get]
                                                        [/version/]         []               [get]
                                                        [/version]          []               [get]
                                                        [/version]          []               [get]
    "#]],
    );
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
    printed(
        READER,
        commands,
        expect![[r#"
            $ patch rolebinding jane-reads -p '{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"x"}}'
            The RoleBinding "jane-reads" is invalid: roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"x"}: cannot change roleRef
            $ create role r --verb=get --resource=pods,deployments.apps --dry-run=client -o yaml
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata:
              name: r
            rules:
            - apiGroups:
              - ""
              resources:
              - pods
              verbs:
              - get
            - apiGroups:
              - apps
              resources:
              - deployments
              verbs:
              - get
            $ create rolebinding b --clusterrole=view --serviceaccount=default:builder
            rolebinding.rbac.authorization.k8s.io/b created
            $ create clusterrolebinding c --clusterrole=view --user=jane
            clusterrolebinding.rbac.authorization.k8s.io/c created
            $ get nodes --as jane
            Error from server (Forbidden): nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope
            $ get deployments -A --as jane
            No resources found
            $ describe rolebinding b
            Name:         b
            Labels:       <none>
            Annotations:  <none>
            Role:
              Kind:  ClusterRole
              Name:  view
            Subjects:
              Kind            Name     Namespace
              ----            ----     ---------
              ServiceAccount  builder  default
            $ describe role reader
            Name:         reader
            Labels:       <none>
            Annotations:  <none>
            PolicyRule:
              Resources  Non-Resource URLs  Resource Names  Verbs
              ---------  -----------------  --------------  -----
              pods       []                 []              [get list watch]
            $ get rolebindings -o wide
            NAME            ROLE                   AGE   USERS   GROUPS   SERVICEACCOUNTS
            b               ClusterRole/view       0s                     default/builder
            devs-edit       ClusterRole/edit       0s            devs     
            jane-reads      Role/reader            0s    jane             /builder
            leads-nowhere   Role/nobody-wrote-it   0s    lost             
        "#]],
    );
}
