//! Who may grant what.

use super::*;

const RULES: &str = "rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}, {apiGroups: [apps], resources: \
                     [deployments], resourceNames: [web], verbs: ['*']}]";

fn person(name: &str) -> Person {
    Person::named(name, Vec::new())
}

/// Jane may write roles and bindings in `default`, and read pods.
fn server() -> Server {
    let mut server = Server::new();
    server.accept(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: author}, rules: [{apiGroups: \
         [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [create, update]}, {apiGroups: [''], \
         resources: [pods], verbs: [get]}]}",
    );
    server.accept(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: jane}, roleRef: {kind: Role, \
         name: author}, subjects: [{kind: User, name: jane}]}",
    );
    server
}

fn as_jane(server: &mut Server, manifest: &str) -> Vec<String> {
    let object = manifest::posted(manifest, "default").unwrap();
    let jane = person("jane");
    told(server.ask(User::Person(&jane), &Write::Create(object)))
}

fn role(name: &str, rules: &str) -> String {
    format!("{{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: {name}}}, {rules}}}")
}

fn binding(name: &str, kind: &str, role: &str) -> String {
    format!(
        "{{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {{name: {name}}}, roleRef: {{kind: \
         {kind}, name: {role}}}, subjects: [{{kind: User, name: joe}}]}}"
    )
}

#[test]
fn nobody_grants_what_they_may_not_do() {
    let mut server = server();
    assert_eq!(
        as_jane(&mut server, &role("more", RULES)),
        [
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"jane\" (groups=[\"system:authenticated\"]) is \
          attempting to grant RBAC permissions not currently held:\n\
          {APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"list\"]}\n\
          {APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"web\"], Verbs:[\"*\"]}"
        ]
    );
    let own = "rules: [{apiGroups: [''], resources: [pods], resourceNames: [web], verbs: [get]}]";
    assert_eq!(as_jane(&mut server, &role("own", own)), [""; 0]);
    server.accept(&role("more", RULES));
    assert!(
        as_jane(&mut server, &binding("joe", "Role", "more"))[0].contains("not currently held:\n{APIGroups")
    );
    assert_eq!(
        as_jane(&mut server, &binding("joe", "ClusterRole", "nothing")),
        ["clusterrole.rbac.authorization.k8s.io \"nothing\" not found"]
    );
}

#[test]
fn a_rule_may_let_them_all_the_same() {
    let mut server = server();
    server.accept(&role(
        "trusted",
        "rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [roles], resourceNames: [more], verbs: [escalate, \
         bind]}]",
    ));
    server.accept(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: trusts-jane}, roleRef: {kind: \
         Role, name: trusted}, subjects: [{kind: User, name: jane}]}",
    );
    assert_eq!(as_jane(&mut server, &role("more", RULES)), [""; 0]);
    assert_eq!(as_jane(&mut server, &binding("joe", "Role", "more")), [""; 0]);
}
