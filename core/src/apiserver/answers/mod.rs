//! What the API server answers to manifests, kind by kind: a manifest in, the fields at fault out.

mod custom;
mod metadata;
mod pods;
mod roles;
mod tables;
mod volumes;

use super::*;
use crate::manifest;
use crate::rng::Rng;
use crate::time::Time;

/// An API server with nothing but its namespaces.
struct Server {
    store: Store,
    rng: Rng,
}

impl Server {
    fn new() -> Server {
        let mut server = Server { store: Store::default(), rng: Rng::new(1) };
        server.accept("{apiVersion: v1, kind: Namespace, metadata: {name: default}}");
        server
    }

    fn ask(&mut self, user: User<'_>, write: &Write) -> Result<Change, ApiError> {
        let request = Request { user, now: Time::ZERO, dry_run: false, protects_default: true };
        handle(&mut self.store, request, write, &mut self.rng)
    }

    /// POST
    fn post(&mut self, manifest: &str) -> Result<Change, ApiError> {
        let object = manifest::posted(manifest, "default")?;
        self.ask(User::Admin, &Write::Create(object))
    }

    /// PUT
    fn put(&mut self, manifest: &str) -> Result<Change, ApiError> {
        let object = manifest::posted(manifest, "default")?;
        self.ask(User::Admin, &Write::Update(object))
    }

    /// POST of what is known to be fine.
    fn accept(&mut self, manifest: &str) -> serde_json::Value {
        let answer = self.post(manifest).unwrap_or_else(|refusal| panic!("{}", refusal.message));
        answer.after.map_or_else(serde_json::Value::default, |object| object.to_json())
    }
}

/// The fields at fault, in order; the whole sentence where none is named, and nothing where all is well.
fn told(answer: Result<Change, ApiError>) -> Vec<String> {
    match answer {
        Ok(_) => Vec::new(),
        Err(refusal) if refusal.causes.is_empty() => vec![refusal.message],
        Err(refusal) => refusal.causes.iter().map(ToString::to_string).collect(),
    }
}

/// What a new object is told.
fn refusal(manifest: &str) -> Vec<String> {
    told(Server::new().post(manifest))
}

/// What a new version of an object is told.
fn refusal_of_update(first: &str, second: &str) -> Vec<String> {
    let mut server = Server::new();
    server.accept(first);
    told(server.put(second))
}

/// Each manifest is told this much, and in this order.
fn check(cases: &[(&str, &[&str])]) {
    for (manifest, expected) in cases {
        assert_eq!(refusal(manifest), *expected, "{manifest}");
    }
}

/// A pod with this spec, its containers aside.
fn pod(spec: &str) -> String {
    pod_of("containers: [{name: web, image: web:1}]", spec)
}

/// A pod whose first container has these fields besides its name and image.
fn pod_with_container(fields: &str, spec: &str) -> String {
    pod_of(&format!("containers: [{{name: web, image: web:1, {fields}}}]"), spec)
}

fn pod_of(containers: &str, spec: &str) -> String {
    format!("{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{{containers}, {spec}}}}}")
}

/// A field of the stored object.
fn stored(manifest: &str, pointer: &str) -> serde_json::Value {
    Server::new().accept(manifest).pointer(pointer).cloned().unwrap_or_default()
}
