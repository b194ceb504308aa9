//! CustomResourceDefinitions and their objects.

use super::*;
use std::rc::Rc;

const DEFINITION: &str = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: \
                          answers.example.com}, spec: {group: example.com, scope: Namespaced, names: {kind: Answer, \
                          plural: answers}, versions: [{name: v1, served: true, storage: true}]}}";
/// An object of the kind that the definition adds.
fn add(server: &mut Server) -> ObjectRef {
    let json = serde_json::json!({
        "apiVersion": "example.com/v1",
        "kind": "Answer",
        "metadata": { "name": "one", "namespace": "default" },
        "spec": { "containers": [{ "name": "a" }] },
    });
    let document = manifest::unknown::resolve(&Rc::new(json), 1, &server.store, false).ok().unwrap();
    server.ask(User::Admin, &Write::Create(document.object)).unwrap().object
}

#[test]
fn a_definition_waits_for_its_objects() {
    let mut server = Server::new();
    let definition = server.post(DEFINITION).unwrap();
    let object = add(&mut server);
    let delete =
        |target: &ObjectRef| Write::Delete { target: target.clone(), options: DeleteOptions::default() };
    let marked = server.ask(User::Admin, &delete(&definition.object)).unwrap();
    assert!(marked.after.as_ref().is_some_and(|it| it.meta().deletion.is_some()));
    let follow_ups = definitions::follow_ups(&server.store, &marked);
    assert!(matches!(&follow_ups[..], [definitions::FollowUp::Clear(target)] if *target == object));
    let gone = server.ask(User::ApiServer, &delete(&object)).unwrap();
    let follow_ups = definitions::follow_ups(&server.store, &gone);
    assert!(
        matches!(&follow_ups[..], [definitions::FollowUp::Remove(target)] if *target == definition.object)
    );
}

#[test]
fn custom_objects_have_no_strategic_patches() {
    let mut server = Server::new();
    server.accept(DEFINITION);
    let target = add(&mut server);
    let patch = serde_json::json!({"spec": {"containers": [{"name": "b"}]}});
    let mut send = |patch| {
        server.ask(User::Admin, &Write::Patch { target: target.clone(), uid: None, patch: Box::new(patch) })
    };
    assert!(told(send(Patch::Strategic(patch.clone())))[0].contains("accepted media types include"));
    let patched = send(Patch::merging(target.kind, patch)).unwrap().after.unwrap().to_json();
    assert_eq!(patched.pointer("/spec/containers"), Some(&serde_json::json!([{"name": "b"}])));
}
