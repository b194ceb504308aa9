//! `kubectl autoscale`: a HorizontalPodAutoscaler for an object. Upstream: `k8s.io/kubectl/pkg/cmd/autoscale`.

use std::rc::Rc;

use serde_json::{Value, json};

use super::failure::Failure;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Target, Targets, Wants, listed_as, shown};
use crate::api::{Kind, Object, quantity};
use crate::apiserver::{ApiError, Change, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoscale {
    targets: Targets,
    name: Option<String>,
    min: Option<i64>,
    max: i64,
    /// The targets of metrics: `cpu` at `50%`, or at `500m`.
    metrics: Vec<(&'static str, String)>,
    /// The deprecated `--cpu-percent`.
    percent: Option<i64>,
    shape: Shape,
}

const FLAGS: [Flag; 10] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("name", None, Takes::Text),
    Flag::new("min", None, Takes::Number),
    Flag::new("max", None, Takes::Number),
    Flag::new("cpu", None, Takes::Text),
    Flag::new("memory", None, Takes::Text),
    Flag::new("cpu-percent", None, Takes::Number),
];

impl Autoscale {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(
        words: &[String],
        text: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Autoscale, String> {
        let arguments = Arguments::read("kubectl autoscale", words, &FLAGS)?;
        arguments.require(&["max"])?;
        let (min, max) = (arguments.number("min"), arguments.number("max").unwrap_or(-1));
        if max < 1 {
            return Err(format!("error: --max=MAXPODS is required and must be at least 1, max: {max}"));
        }
        if let Some(min) = min.filter(|min| *min > max) {
            return Err(format!(
                "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
            ));
        }
        let percent = arguments.number("cpu-percent").filter(|percent| *percent > 0);
        let cpu = arguments.text("cpu").filter(|cpu| !cpu.is_empty());
        if percent.is_some() && cpu.is_some() {
            return Err("error: --cpu-percent and --cpu are mutually exclusive".to_owned());
        }
        let cpu = cpu.map(|target| goal("cpu", target)).transpose()?;
        let memory = arguments.text("memory").filter(|memory| !memory.is_empty());
        let memory = memory.map(|target| goal("memory", target)).transpose()?;
        let metrics =
            percent.map(|percent| ("cpu", format!("{percent}%"))).into_iter().chain(cpu).chain(memory);
        Ok(Autoscale {
            percent: arguments.number("cpu-percent"),
            metrics: metrics.collect(),
            name: arguments.text("name").map(str::to_owned),
            min: min.filter(|min| *min > 0),
            max,
            shape: Shape::read(&arguments)?,
            targets: Targets::read(&arguments, Files::read(&arguments, text)?, Wants::Names)?,
        })
    }

    /// What it is asked for again once it was refused: as an autoscaler of `autoscaling/v1`, which has no more than a
    /// percentage. Upstream: `canCreateHPAV1`, which reads `--cpu` though there may be none, and whose caller says what
    /// became of that in place of the refusal.
    fn as_the_old_version(&self) -> Result<(), &'static str> {
        let of = |name| self.metrics.iter().find(|(resource, _)| *resource == name).map(|(_, target)| target);
        let is_percent_alone = self.percent.is_some_and(|percent| percent > 0);
        let Some(cpu) = of("cpu").filter(|_| !is_percent_alone) else { return Err("empty input") };
        let is_percentage = cpu.ends_with('%') || self.percent.is_some_and(|percent| percent == 0);
        if is_percentage && of("memory").is_none() { Ok(()) } else { Err("%!w(<nil>)") }
    }

    fn autoscaler(&self, target: &Target) -> Result<Object, String> {
        let reference = &target.reference;
        let metrics: Vec<Value> =
            self.metrics.iter().map(|(resource, target)| metric(resource, target)).collect();
        let mut spec = json!({
            "scaleTargetRef": {
                "apiVersion": reference.kind.names().api_version,
                "kind": reference.kind.name(),
                "name": reference.name(),
            },
            "maxReplicas": self.max,
            "metrics": metrics,
        });
        if let Some(min) = self.min {
            spec["minReplicas"] = json!(min);
        }
        let name = self.name.as_deref().unwrap_or(reference.name());
        let metadata = json!({"name": name, "namespace": &*reference.key.namespace});
        let whole = json!({"metadata": metadata, "spec": spec});
        Object::from_json(Kind::HorizontalPodAutoscaler, &whole).map_err(|fault| fault.to_string())
    }
}

/// The target of a metric as it is typed: a bare number has the resource's usual unit. Upstream: `parseResourceInput`.
fn goal(resource: &'static str, text: &str) -> Result<(&'static str, String), String> {
    let text = text.trim();
    if let Some(percent) = text.strip_suffix('%') {
        return match percent.parse::<i32>() {
            Ok(percent) if percent >= 0 => Ok((resource, text.to_owned())),
            Ok(_) => Err("error: percentage value must be non-negative".to_owned()),
            Err(_) => Err(format!("error: invalid percentage value: {percent}%")),
        };
    }
    let unit = if resource == "cpu" { "m" } else { "Mi" };
    let whole = if text.parse::<f64>().is_ok() { format!("{text}{unit}") } else { text.to_owned() };
    match quantity::thousandths(&whole) {
        Some(_) => Ok((resource, whole)),
        None => Err(format!("error: invalid resource {resource} value: {text}")),
    }
}

/// `50%` of what is requested, or so much per pod.
fn metric(resource: &str, target: &str) -> Value {
    let target = match target.strip_suffix('%').and_then(|percent| percent.parse::<i64>().ok()) {
        Some(percent) => json!({"type": "Utilization", "averageUtilization": percent}),
        None => json!({"type": "AverageValue", "averageValue": target}),
    };
    json!({"type": "Resource", "resource": {"name": resource, "target": target}})
}

impl Requests for Autoscale {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        if self.percent.is_some() {
            turn.print_error(
                "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., \
                 '70%' for utilization or '500m' for milliCPU).\n",
            );
        }
        self.targets.existing(turn, "no objects passed to autoscale")
    }

    fn request(&self, _turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let kind = target.reference.kind;
        let has_size = [Kind::Deployment, Kind::ReplicaSet, Kind::ReplicationController, Kind::StatefulSet];
        if !has_size.contains(&kind) {
            let what = listed_as(kind);
            let fault = format!("could not find scale subresource for {what} in discovery information");
            return Request::Fail(Failure::own(format!("cannot autoscale a {}: {fault}", kind.name())));
        }
        match self.autoscaler(target) {
            Ok(object) => Request::Send(Write::Create(object), why::Kubectl::Creates),
            Err(fault) => Request::Fail(Failure::own(fault)),
        }
    }

    fn accepted(&self, _target: &Target, change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " autoscaled" };
        format!("{}{done}\n", shown(&change.object))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }

    fn refused(&self, target: &Target, error: Rc<ApiError>) -> Failure {
        match self.as_the_old_version() {
            Ok(()) => Failure::refused(target.reference.clone(), error),
            Err(fault) => Failure::own(format!(
                "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: {fault}"
            )),
        }
    }
}
