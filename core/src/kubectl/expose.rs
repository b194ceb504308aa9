//! `kubectl expose`: a Service for the pods of an object. Upstream: `k8s.io/kubectl/pkg/cmd/expose`.

use std::rc::Rc;

use serde_json::{Value, json};

use super::failure::Failure;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Target, Targets, Wants, shown};
use crate::api::{Kind, Labels, Object};
use crate::apiserver::{Change, Reason, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Expose {
    targets: Targets,
    asked: Asked,
    shape: Shape,
}

/// What the command line says of the Service.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    name: Option<String>,
    port: Option<i64>,
    target_port: Option<String>,
    protocol: Option<String>,
    service_type: Option<String>,
    cluster_ip: Option<String>,
    session_affinity: Option<String>,
    selector: Option<Labels>,
    labels: Option<Labels>,
}

const FLAGS: [Flag; 13] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::OUTPUT,
    flags::ALL,
    Flag::new("name", None, Takes::Text),
    Flag::new("port", None, Takes::Text),
    Flag::new("target-port", None, Takes::Text),
    Flag::new("protocol", None, Takes::Text),
    Flag::new("type", None, Takes::Text),
    Flag::new("cluster-ip", None, Takes::Text),
    Flag::new("session-affinity", None, Takes::Text),
    Flag::new("selector", None, Takes::Text),
];

/// `-l` are the Service's labels here, where it selects objects elsewhere.
const LABELS: Flag = Flag::new("labels", Some('l'), Takes::Text);

const NO_PORT: &str = "couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help \
    and examples";

impl Expose {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Expose, String> {
        let known: Vec<Flag> = FLAGS.into_iter().chain([LABELS]).collect();
        let arguments = Arguments::read("kubectl expose", words, &known)?;
        let own = |flag: &str| arguments.text(flag).map(str::to_owned);
        let port = own("port").map(|port| {
            port.parse::<i64>()
                .map_err(|_| format!("error: strconv.Atoi: parsing \"{port}\": invalid syntax"))
        });
        let pairs = |flag: &str| arguments.text(flag).map(pairs).transpose();
        let asked = Asked {
            name: own("name"),
            port: port.transpose()?,
            target_port: own("target-port"),
            protocol: own("protocol"),
            service_type: own("type"),
            cluster_ip: own("cluster-ip"),
            session_affinity: own("session-affinity"),
            selector: pairs("selector")?,
            labels: pairs("labels")?,
        };
        let files = Files::read(&arguments, text)?;
        let shape = Shape::read(&arguments)?;
        // The selector is the Service's: it names no objects.
        let mut naming = arguments;
        naming.forget("selector");
        Ok(Expose { targets: Targets::read(&naming, files, Wants::Names)?, asked, shape })
    }

    /// The Service for `object`.
    fn service(&self, object: &Object) -> Result<Object, String> {
        let asked = &self.asked;
        let json = object.to_json();
        let selector = match &asked.selector {
            Some(selector) => json!(selector),
            None => selector_of(object, &json)?,
        };
        let labels =
            asked.labels.as_ref().map_or_else(|| json["metadata"]["labels"].clone(), |labels| json!(labels));
        let mut spec = json!({"ports": self.ports(&json)?, "selector": selector});
        let optional = [
            ("type", &asked.service_type),
            ("clusterIP", &asked.cluster_ip),
            ("sessionAffinity", &asked.session_affinity),
        ];
        for (field, value) in optional {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                spec[field] = json!(value);
            }
        }
        let name = asked.name.as_deref().unwrap_or(object.name());
        let mut metadata = json!({"name": name, "namespace": &*object.key().namespace});
        if labels.is_object() {
            metadata["labels"] = labels;
        }
        Object::from_json(Kind::Service, &json!({"metadata": metadata, "spec": spec}))
            .map_err(|error| error.to_string())
    }

    /// The port that was asked for, or those that the containers name.
    fn ports(&self, json: &Value) -> Result<Value, String> {
        let target = |port: &Value| match self.asked.target_port.as_deref() {
            Some(text) => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
            None => port.clone(),
        };
        let entry = |port: &Value, protocol: &Value| {
            let protocol =
                self.asked.protocol.as_ref().map_or_else(|| protocol.clone(), |asked| json!(asked));
            json!({"port": port, "protocol": protocol, "targetPort": target(port)})
        };
        if let Some(port) = self.asked.port {
            return Ok(json!([entry(&json!(port), &json!("TCP"))]));
        }
        let found = introspected(json);
        let several = found.len() > 1;
        let numbered = found.iter().zip(1..).map(|((port, protocol), number)| {
            let mut entry = entry(port, protocol);
            if several {
                entry["name"] = json!(format!("port-{number}"));
            }
            entry
        });
        match found.is_empty() {
            true => Err(NO_PORT.to_owned()),
            false => Ok(numbered.collect()),
        }
    }
}

/// The ports of an object's containers (or of a Service), with their protocols.
fn introspected(json: &Value) -> Vec<(Value, Value)> {
    let spec = &json["spec"];
    let own = spec["ports"].as_array();
    let pod = if spec["template"].is_object() { &spec["template"]["spec"] } else { spec };
    let containers = pod["containers"].as_array().into_iter().flatten();
    let of_containers = containers
        .flat_map(|container| container["ports"].as_array().into_iter().flatten())
        .map(|port| (port["containerPort"].clone(), port["protocol"].clone()));
    let of_service = own.into_iter().flatten().map(|port| (port["port"].clone(), port["protocol"].clone()));
    of_service.chain(of_containers).collect()
}

/// The labels by which an object's pods are selected.
fn selector_of(object: &Object, json: &Value) -> Result<Value, String> {
    let spec = &json["spec"];
    let found = match object {
        Object::Pod(_) => json["metadata"]["labels"].clone(),
        Object::Service(_) | Object::ReplicationController(_) => spec["selector"].clone(),
        Object::Deployment(_) | Object::ReplicaSet(_) => {
            let expressions = spec["selector"]["matchExpressions"].as_array();
            if expressions.is_some_and(|expressions| !expressions.is_empty()) {
                let shown = json!(expressions);
                return Err(format!(
                    "couldn't convert expressions - \"{shown}\" to map-based selector format"
                ));
            }
            spec["selector"]["matchLabels"].clone()
        }
        _ => Value::Null,
    };
    match found {
        Value::Object(labels) if !labels.is_empty() => Ok(labels.into()),
        _ => {
            let what = if object.kind() == Kind::Pod {
                "the pod has no labels"
            } else {
                "the object has no selector"
            };
            Err(format!(
                "couldn't retrieve selectors via --selector flag or introspection: {what} and cannot be exposed\nSee \
                 'kubectl expose -h' for help and examples"
            ))
        }
    }
}

/// Whether pods of this kind can be found, so that a Service may select them.
const fn can_be_exposed(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Pod | Kind::Service | Kind::ReplicationController | Kind::Deployment | Kind::ReplicaSet
    )
}

/// `app=web,tier=front`
fn pairs(text: &str) -> Result<Labels, String> {
    let each = text.split(',').filter(|pair| !pair.is_empty()).map(|pair| match pair.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("error: unexpected label spec: {pair}")),
    });
    each.collect()
}

impl Requests for Expose {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed to expose")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        if !can_be_exposed(target.kind) {
            return Request::Fail(Failure::own(format!("cannot expose a {}", target.kind.name())));
        }
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        match self.service(&object) {
            Ok(service) => Request::Send(Write::Create(service), why::Kubectl::Exposes { what: target }),
            Err(fault) => Request::Fail(Failure::own(fault)),
        }
    }

    fn accepted(&self, _target: &Target, change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " exposed" };
        format!("{}{done}\n", shown(&change.object))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }

    /// A refusal is about the Service, not about what was to be exposed.
    fn end(&self, turn: &mut SessionTurn<'_>, mut sending: Sending) {
        for failure in &mut sending.failures {
            if let Failure::Refused { target, error, .. } = failure
                && error.reason == Reason::Invalid
            {
                target.kind = Kind::Service;
                if let Some(name) = &self.asked.name {
                    target.key.name = name.as_str().into();
                }
            }
        }
        turn.finish(&sending.failures);
    }
}
