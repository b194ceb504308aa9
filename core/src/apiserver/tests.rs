//! Requests and their answers, told with the API's own JSON.

use std::rc::Rc;

use serde_json::{Value, json};

use super::*;
use crate::api::written::Written;
use crate::api::{Node, Pod, Service, Stored};
use crate::rng::Rng;
use crate::time::{Duration, Time};

struct Server {
    store: Store,
    rng: Rng,
    now: Time,
}

impl Server {
    fn new() -> Server {
        let mut server = Server { store: Store::default(), rng: Rng::new(1), now: Time::ZERO };
        server.create(Kind::Namespace, json!({"metadata": {"name": "default"}})).unwrap();
        server
    }

    fn ask(&mut self, user: User<'_>, write: &Write) -> Result<Change, ApiError> {
        handle(
            &mut self.store,
            Request { user, now: self.now, dry_run: false, protects_default: true },
            write,
            &mut self.rng,
        )
    }

    fn create(&mut self, kind: Kind, manifest: Value) -> Result<Change, ApiError> {
        self.ask(User::Admin, &Write::Create(object(kind, &manifest)))
    }

    fn patch(&mut self, target: &ObjectRef, patch: Value) -> Result<Change, ApiError> {
        let write =
            Write::Patch { target: target.clone(), uid: None, patch: Box::new(Patch::Strategic(patch)) };
        self.ask(User::Admin, &write)
    }

    fn delete(&mut self, target: &ObjectRef, grace_seconds: Option<i64>) -> Result<Change, ApiError> {
        let options = DeleteOptions { grace_seconds, ..DeleteOptions::default() };
        self.ask(User::Admin, &Write::Delete { target: target.clone(), options })
    }

    fn bind(&mut self, pod: &ObjectRef, node: &str) -> Result<Change, ApiError> {
        let uid = self.store.object(pod).unwrap().uid();
        self.ask(User::Scheduler, &Write::Bind { pod: pod.key.clone(), uid, node: node.into() })
    }

    fn pod(&mut self, name: &str) -> ObjectRef {
        self.create(Kind::Pod, pod(name)).unwrap().object
    }
}

fn object(kind: Kind, manifest: &Value) -> Object {
    let mut manifest = manifest.clone();
    if kind.is_namespaced() {
        manifest["metadata"]["namespace"] = json!("default");
    }
    body::decode(kind, &Written::from(&manifest)).unwrap()
}

fn pod(name: &str) -> Value {
    json!({"metadata": {"name": name, "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "web:1"}]}})
}

fn deployment() -> Value {
    json!({"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "web:1"}]}}}})
}

fn message(answer: Result<Change, ApiError>) -> String {
    answer.unwrap_err().message
}

#[test]
fn every_accepted_write_raises_the_revision_by_one() {
    let mut server = Server::new();
    let before = server.store.revision();
    let deployment = server.create(Kind::Deployment, deployment()).unwrap().object;
    assert_eq!(server.store.revision(), before + 1);
    let scaled = server.patch(&deployment, json!({"spec": {"replicas": 3}})).unwrap();
    assert_eq!((scaled.revision, scaled.is_noop()), (before + 2, false));
    assert_eq!(scaled.after.unwrap().meta().generation, 2);
    let again = server.patch(&deployment, json!({"spec": {"replicas": 3}})).unwrap();
    assert_eq!((again.revision, again.is_noop()), (before + 2, true));
}

#[test]
fn a_refusal_leaves_the_store_as_it_was() {
    let mut server = Server::new();
    server.pod("web");
    let before = server.store.clone();
    assert_eq!(message(server.create(Kind::Pod, pod("web"))), "pods \"web\" already exists");
    let refused = server.create(Kind::Pod, json!({"metadata": {"name": "Web"}, "spec": {"containers": []}}));
    let refusal = refused.unwrap_err();
    assert_eq!((refusal.code, refusal.station, refusal.causes.len()), (422, Station::Validation, 2));
    let elsewhere = json!({"metadata": {"name": "web", "namespace": "nowhere"}, "spec": {"containers": []}});
    let elsewhere = Object::from_json(Kind::Pod, &elsewhere).unwrap();
    let refusal = server.ask(User::Admin, &Write::Create(elsewhere)).unwrap_err();
    assert_eq!(refusal.message, "namespaces \"nowhere\" not found");
    assert_eq!(server.store, before);
}

#[test]
fn a_write_from_an_older_version_is_a_conflict() {
    let mut server = Server::new();
    let read = server.create(Kind::Deployment, deployment()).unwrap().after.unwrap();
    server.patch(&read.reference(), json!({"metadata": {"labels": {"a": "b"}}})).unwrap();
    assert_eq!(
        message(server.ask(User::Admin, &Write::Update(read))),
        "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply \
         your changes to the latest version and try again"
    );
}

#[test]
fn pods_of_one_template_share_what_they_were_admitted_with() {
    let mut server = Server::new();
    let sent = object(Kind::Pod, &json!({"metadata": {"generateName": "web-"}, "spec": pod("web")["spec"]}));
    let mut create = || {
        let change = server.ask(User::Admin, &Write::Create(sent.clone())).unwrap();
        change.after.as_ref().and_then(Pod::from_object).unwrap().clone()
    };
    let (first, second) = (create(), create());
    assert_ne!(first.key.name, second.key.name);
    assert!(Rc::ptr_eq(&first.spec.spec, &second.spec.spec));
    assert!(Rc::ptr_eq(&first.status, &second.status));
    assert_eq!(first.spec.spec.tolerations.as_ref().map(Vec::len), Some(2));
}

#[test]
fn an_unbound_pod_goes_in_two_writes_and_a_bound_one_after_its_grace() {
    let mut server = Server::new();
    let unbound = server.pod("unbound");
    let change = server.delete(&unbound, None).unwrap();
    assert!(change.erase_next && change.after.unwrap().meta().deletion.is_some());

    let bound = server.pod("bound");
    server.bind(&bound, "node-1").unwrap();
    server.now = server.now + Duration::from_seconds(10);
    let change = server.delete(&bound, None).unwrap();
    let deletion = change.after.unwrap().meta().deletion.unwrap();
    assert_eq!((change.erase_next, deletion.grace_seconds, deletion.at.0), (false, 30, 40_000_000_000));
    assert!(server.delete(&bound, Some(60)).unwrap().is_noop());
    let change = server.delete(&bound, Some(5)).unwrap();
    let deletion = change.after.unwrap().meta().deletion.unwrap();
    assert_eq!((change.erase_next, deletion.grace_seconds, deletion.at.0), (false, 5, 15_000_000_000));
    assert!(server.delete(&bound, Some(0)).unwrap().erase_next);
}

#[test]
fn a_finalizer_holds_an_object_until_it_is_dropped() {
    let mut server = Server::new();
    let mut manifest = deployment();
    manifest["metadata"]["finalizers"] = json!(["example.com/wait"]);
    let target = server.create(Kind::Deployment, manifest).unwrap().object;
    let change = server.delete(&target, None).unwrap();
    let marked = change.after.unwrap();
    assert!(!change.erase_next && marked.meta().deletion.is_some());
    assert_eq!(marked.meta().generation, 2);
    let added = server.patch(&target, json!({"metadata": {"finalizers": ["example.com/more"]}}));
    assert!(message(added).ends_with("found new finalizers []string{\"example.com/more\"}"));
    let patch = Patch::RemoveFinalizer("example.com/wait".to_owned());
    let change = server
        .ask(User::Admin, &Write::Patch { target: target.clone(), uid: None, patch: Box::new(patch) })
        .unwrap();
    assert!(change.after.is_none() && server.store.object(&target).is_none());
}

#[test]
fn foreground_deletion_leaves_its_finalizer() {
    let mut server = Server::new();
    let target = server.create(Kind::Deployment, deployment()).unwrap().object;
    let options = DeleteOptions { propagation: Some(Propagation::Foreground), ..DeleteOptions::default() };
    let change = server.ask(User::Admin, &Write::Delete { target: target.clone(), options }).unwrap();
    assert_eq!(**change.after.unwrap().meta().finalizers, ["foregroundDeletion"]);
    let options = DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
    let change = server.ask(User::Admin, &Write::Delete { target, options }).unwrap();
    assert!(change.after.is_none());
}

#[test]
fn binding_sets_the_node_and_copies_its_zone() {
    let mut server = Server::new();
    let labels = json!({"topology.kubernetes.io/zone": "a"});
    let node = json!({"metadata": {"name": "node-1", "labels": labels}});
    server.create(Kind::Node, node).unwrap();
    assert_eq!(server.store.count::<Node>(), 1);
    let target = server.pod("web");
    let change = server.bind(&target, "node-1").unwrap();
    let bound = server.store.get::<Pod>(&target.key).unwrap();
    assert_eq!((change.subresource, bound.node(), bound.meta.generation), ("binding", Some("node-1"), 1));
    assert_eq!(bound.label("topology.kubernetes.io/zone"), Some("a"));
    assert_eq!(bound.condition("PodScheduled").map(|condition| condition.status.as_str()), Some("True"));
    assert_eq!(
        message(server.bind(&target, "node-2")),
        "Operation cannot be fulfilled on pods \"web\": pod web is already assigned to node \"node-1\""
    );
}

#[test]
fn rules_bind_components_to_their_work() {
    let mut server = Server::new();
    let target = server.pod("web");
    server.bind(&target, "node-1").unwrap();
    let write = Write::Delete { target: target.clone(), options: DeleteOptions::default() };
    let refusal = server.ask(User::Controller("deployment-controller"), &write).unwrap_err();
    assert_eq!((refusal.code, refusal.station), (403, Station::Authorization));
    assert_eq!(
        refusal.message,
        "pods \"web\" is forbidden: User \"system:serviceaccount:kube-system:deployment-controller\" cannot delete \
         resource \"pods\" in API group \"\" in the namespace \"default\""
    );
    let refusal = server.ask(User::Node("node-2"), &write).unwrap_err();
    assert_eq!(
        refusal.message,
        "pods \"web\" is forbidden: node \"node-2\" can only delete pods with spec.nodeName set to itself"
    );
    server.ask(User::Node("node-1"), &write).unwrap();
}

#[test]
fn a_service_keeps_its_addresses_and_loses_what_its_type_cannot_have() {
    let mut server = Server::new();
    let manifest = json!({"metadata": {"name": "web"},
        "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]}});
    let target = server.create(Kind::Service, manifest).unwrap().object;
    let service = server.store.get::<Service>(&target.key).unwrap().clone();
    let ip = service.cluster_ip().unwrap().to_owned();
    assert!(ip.starts_with("10."), "{ip}");
    let port = service.ports()[0].node_port.unwrap();
    assert!((30_000..32_768).contains(&port), "{port}");
    let taken = json!({"metadata": {"name": "other"}, "spec": {"clusterIP": ip, "ports": [{"port": 80}]}});
    assert!(message(server.create(Kind::Service, taken)).ends_with("provided IP is already allocated"));
    server.patch(&target, json!({"spec": {"type": "ClusterIP"}})).unwrap();
    let service = server.store.get::<Service>(&target.key).unwrap();
    assert_eq!((service.cluster_ip(), service.ports()[0].node_port), (Some(ip.as_str()), None));
}

#[test]
fn what_was_filled_in_is_told_field_by_field() {
    let mut server = Server::new();
    let change = server.create(Kind::Pod, pod("web")).unwrap();
    let lines: Vec<String> = filled_in(&change)
        .into_iter()
        .map(|line| format!("{} = {} ({:?})", line.field, line.value, line.by))
        .filter(|line| {
            line.contains("imagePullPolicy") || line.contains("priority") || line.contains("[0].key")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "spec.containers[0].imagePullPolicy = \"IfNotPresent\" (Defaulting)",
            "spec.priority = 0 (Admission(\"Priority\"))",
            "spec.tolerations[0].key = \"node.kubernetes.io/not-ready\" \
             (Admission(\"DefaultTolerationSeconds\"))",
        ]
    );
}

#[test]
fn almost_nothing_of_a_pod_may_change() {
    let mut server = Server::new();
    let target = server.pod("web");
    let image = json!({"spec": {"containers": [{"name": "web", "image": "web:2"}]}});
    assert_eq!(server.patch(&target, image).unwrap().after.unwrap().meta().generation, 2);
    let refused = message(server.patch(&target, json!({"spec": {"restartPolicy": "Never"}})));
    assert!(refused.ends_with(
        "@@ -35,7 +35,7 @@\n   }\n  ],\n  \"EphemeralContainers\": null,\n- \"RestartPolicy\": \"Always\",\n\
         + \"RestartPolicy\": \"Never\",\n  \"TerminationGracePeriodSeconds\": 30,\n  \"ActiveDeadlineSeconds\": \
         null,\n  \"DNSPolicy\": \"ClusterFirst\",\n"
    ), "{refused}");
    let refused =
        message(server.patch(&target, json!({"spec": {"containers": [{"name": "b", "image": "b"}]}})));
    assert!(
        refused.ends_with("spec.containers: Forbidden: pod updates may not add or remove containers"),
        "{refused}"
    );
}

/// What a Kubernetes 1.36.2 answered to manifests at fault.
#[test]
fn refusals_have_the_words_of_a_real_server() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("validation/refusals.json")).unwrap();
    assert!(cases.len() > 80);
    for case in cases {
        let mut server = Server::new();
        let text = |field: &str| case[field].as_str().unwrap_or_default();
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == text("kind")).unwrap();
        let mut answer = server.create(kind, case["manifest"].clone());
        if case["update"].is_object() {
            answer.unwrap();
            let update = Write::Update(object(kind, &case["update"]));
            answer = server.ask(User::Admin, &update);
        }
        assert_eq!(message(answer), text("message"), "{}", text("case"));
    }
}
