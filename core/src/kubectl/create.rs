//! `kubectl create -f`, and what it makes of a command line: `create deployment`, `create namespace` and others. Upstream: `k8s.io/kubectl/pkg/cmd/create`.

use std::rc::Rc;

use serde_json::{Value, json};

use super::DEFAULT_NAMESPACE;
use super::create_access;
use super::create_ingress;
use super::create_job::{self, Asked};
use super::create_service;
use super::failure::Failure;
use super::files::{self, Files};
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::{self, Shape};
use super::targets::{Target, shown};
use crate::api::{CronJob, Key, Kind, Object, ObjectRef};
use crate::apiserver::{Change, Reason, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    what: What,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    /// Whatever the files say.
    Files(Files),
    /// One object made from the command line, and whether a refusal is told as `failed to create deployment: …`.
    One(Object, Option<&'static str>, Rc<Value>),
    /// The Job with the first key, as the CronJob with the second would make it.
    Of(Key, Key),
}

const FLAGS: [Flag; 4] = [flags::DRY_RUN, flags::FILENAME, flags::NAMESPACE, flags::OUTPUT];

const DEPLOYMENT_FLAGS: [Flag; 6] = [
    flags::DRY_RUN,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("image", None, Takes::Text),
    Flag::new("replicas", Some('r'), Takes::Number),
    Flag::new("port", None, Takes::Number),
];

impl Create {
    /// One object that a command line describes.
    pub(super) fn one(
        kind: Kind,
        json: &Value,
        told_as: Option<&'static str>,
        arguments: &Arguments,
    ) -> Result<Create, String> {
        let mut sent = json.clone();
        if kind.is_namespaced() && sent["metadata"]["namespace"].is_null() {
            sent["metadata"]["namespace"] = json!(DEFAULT_NAMESPACE);
        }
        let object = Object::from_json(kind, &sent).map_err(|error| format!("error: {error}"))?;
        let shown = shape::as_go_prints(kind, json);
        Ok(Create { what: What::One(object, told_as, Rc::new(shown)), shape: Shape::read(arguments)? })
    }

    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Create, String> {
        if let Some(made) = create_access::read(words) {
            let (kind, json, told_as, arguments) = made?;
            return Create::one(kind, &json, Some(told_as), &arguments);
        }
        match words.split_first() {
            Some((first, rest)) if matches!(first.as_str(), "deployment" | "deploy" | "dep") => {
                deployment(rest)
            }
            Some((first, rest)) if matches!(first.as_str(), "namespace" | "ns") => namespace(rest),
            Some((first, rest)) if first == "job" => job(rest),
            Some((first, rest)) if matches!(first.as_str(), "cronjob" | "cj") => {
                let (json, arguments) = create_job::cron_job(rest)?;
                Create::one(Kind::CronJob, &json, Some("cronjob"), &arguments)
            }
            Some((first, rest)) if matches!(first.as_str(), "service" | "svc") => {
                let (json, type_, arguments) = create_service::service(rest)?;
                let told_as = match type_ {
                    "ExternalName" => "ExternalName service",
                    "LoadBalancer" => "LoadBalancer service",
                    "NodePort" => "NodePort service",
                    _ => "ClusterIP service",
                };
                Create::one(Kind::Service, &json, Some(told_as), &arguments)
            }
            Some((first, rest)) if matches!(first.as_str(), "configmap" | "cm") => {
                let (json, arguments) = create_service::config_map(rest)?;
                Create::one(Kind::ConfigMap, &json, Some("configmap"), &arguments)
            }
            Some((first, rest)) if first == "secret" => {
                let (json, arguments) = create_service::secret(rest)?;
                Create::one(Kind::Secret, &json, Some("secret"), &arguments)
            }
            Some((first, rest)) if matches!(first.as_str(), "ingress" | "ing") => {
                let (json, arguments) = create_ingress::ingress(rest)?;
                let kind = Kind::from_manifest("networking.k8s.io/v1", "Ingress");
                let kind = kind.ok_or("error: there are no Ingresses here")?;
                Create::one(kind, &json, Some("ingress"), &arguments)
            }
            _ => from_files(words, text),
        }
    }
}

impl Create {
    /// The manifests, if it creates what they say.
    pub(super) fn files(&self) -> Option<&Files> {
        if let What::Files(files) = &self.what { Some(files) } else { None }
    }

    /// The manifests, to be understood anew.
    pub(super) fn files_mut(&mut self) -> Option<&mut Files> {
        if let What::Files(files) = &mut self.what { Some(files) } else { None }
    }
}

fn from_files(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Create, String> {
    let arguments = Arguments::read("kubectl create", words, &FLAGS)?;
    arguments.refuse_names()?;
    if arguments.text("filename").is_none() {
        return Err("error: must specify one of -f and -k".to_owned());
    }
    let files = Files::read(&arguments, text)?;
    if files.items().is_empty() {
        return Err("error: no objects passed to create".to_owned());
    }
    Ok(Create { what: What::Files(files), shape: Shape::read(&arguments)? })
}

/// `create deployment web --image=nginx --replicas=2 --port=80`
fn deployment(words: &[String]) -> Result<Create, String> {
    let arguments = Arguments::read("kubectl create deployment", words, &DEPLOYMENT_FLAGS)?;
    arguments.require(&["image"])?;
    let (name, command) = arguments.name_and_command()?;
    let images: Vec<&str> = arguments.texts("image").flat_map(|images| images.split(',')).collect();
    if images.len() > 1 && !command.is_empty() {
        return Err("error: cannot specify multiple --image options and command".to_owned());
    }
    let port = arguments.number("port").filter(|port| *port > 0);
    let container = |image: &&str| {
        let mut container = json!({ "name": container_name(image), "image": image });
        if let Some(port) = port {
            container["ports"] = json!([{ "containerPort": port }]);
        }
        if !command.is_empty() {
            container["command"] = json!(command);
        }
        container
    };
    let containers: Vec<Value> = images.iter().map(container).collect();
    let labels = json!({ "app": name });
    let mut metadata = named(name, &arguments);
    metadata["labels"] = labels.clone();
    let json = json!({
        "metadata": metadata,
        "spec": {
            "replicas": arguments.number("replicas").unwrap_or(1),
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": containers } },
        },
    });
    Create::one(Kind::Deployment, &json, Some("deployment"), &arguments)
}

/// `create namespace lab`
fn namespace(words: &[String]) -> Result<Create, String> {
    let arguments = Arguments::read("kubectl create namespace", words, &[flags::OUTPUT])?;
    let json = json!({ "metadata": { "name": one_name(&arguments)? } });
    Create::one(Kind::Namespace, &json, None, &arguments)
}

/// `create job once --image=busybox`, `create job by-hand --from=cronjob/tick`
fn job(words: &[String]) -> Result<Create, String> {
    let (asked, arguments) = create_job::job(words)?;
    match asked {
        Asked::New(json) => Create::one(Kind::Job, &json, Some("job"), &arguments),
        Asked::Of(key, source) => Ok(Create { what: What::Of(key, source), shape: Shape::read(&arguments)? }),
    }
}

/// The metadata of an object that a command line names: its namespace, where that is named too.
pub(super) fn named(name: &str, arguments: &Arguments) -> Value {
    let mut metadata = json!({ "name": name });
    if let Some(namespace) = arguments.text("namespace") {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

/// The name of what is created. What stands behind `--` is for commands that say what containers run.
pub(super) fn one_name(arguments: &Arguments) -> Result<&str, String> {
    arguments.name_and_command().map(|(name, _)| name)
}

/// `docker.io/library/nginx:1.27@sha256:…` makes the container `nginx`.
fn container_name(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split([':', '@']).next().unwrap_or(last)
}

impl Requests for Create {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, _turn: &mut SessionTurn<'_>) -> Sending {
        let targets = match &self.what {
            What::One(object, ..) => vec![Target { reference: object.reference(), item: None }],
            What::Of(key, _) => {
                vec![Target { reference: ObjectRef::new(Kind::Job, key.clone()), item: None }]
            }
            What::Files(files) => files.targets(),
        };
        Sending { targets, ..Sending::default() }
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let object = match &self.what {
            What::One(object, ..) => object.clone(),
            What::Of(key, source) => match turn.snapshot.store.get::<CronJob>(source) {
                Some(cron_job) => Object::Job(Rc::new(create_job::made_of(cron_job, key.clone()))),
                None => {
                    return Request::Fail(Failure::not_found(ObjectRef::new(Kind::CronJob, source.clone())));
                }
            },
            What::Files(files) => match files.item(target) {
                Some(item) => match &item.content {
                    Ok(manifest) => manifest.object.clone(),
                    Err(fault) => return Request::Fail(files::failure(item, fault)),
                },
                None => return Request::Skip,
            },
        };
        Request::Send(Write::Create(files::joined(object, turn.snapshot.store)), why::Kubectl::Creates)
    }

    fn accepted(&self, _target: &Target, change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " created" };
        format!("{}{done}\n", shown(&change.object))
    }

    fn made(&self, target: &Target, _write: &Write) -> Option<Value> {
        match &self.what {
            What::One(_, _, shown) => Some((**shown).clone()),
            What::Files(files) => {
                let item = files.item(target)?;
                item.content.as_ref().ok().map(|manifest| manifest.json.clone())
            }
            What::Of(..) => None,
        }
    }

    fn context(&self, target: &Target) -> Option<Rc<str>> {
        let What::Files(files) = &self.what else { return None };
        Some(files.item(target)?.context("creating"))
    }

    fn end(&self, turn: &mut SessionTurn<'_>, mut sending: Sending) {
        let told_as = match self.what {
            What::One(_, told_as, _) => told_as,
            What::Of(..) => Some("job"),
            What::Files(_) => None,
        };
        if let Some(kind) = told_as {
            for failure in &mut sending.failures {
                if let Failure::Refused { error, .. } = failure
                    && error.reason != Reason::Forbidden
                {
                    *failure = Failure::own(format!("failed to create {kind}: {}", error.message));
                }
            }
        }
        turn.finish(&sending.failures);
    }
}
