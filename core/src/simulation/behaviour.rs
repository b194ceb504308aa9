//! What the process in a container does, as its pod's annotations say.
//!
//! Kubernetes runs real programs; here a pod says in annotations what its program would do:
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     sim.kubestep.dev/start-up: 2s          # until its ports answer
//!     sim.kubestep.dev/ready-after: 5s       # until readiness probes succeed
//!     sim.kubestep.dev/response-time: 3s     # until a request is answered: probes may lose patience
//!     sim.kubestep.dev/on-sigterm: ignore    # or how long it takes to end: 5s
//!     sim.kubestep.dev/exit-after: 30s       # ends by itself
//!     sim.kubestep.dev/exit-code: "1"        # with this code
//!     sim.kubestep.dev/memory: 64Mi, 512Mi after 30s    # above its limit it is killed
//!     sim.kubestep.dev/cpu: 100m, 900m after 30s        # at most its limit: what autoscalers look at
//!     sim.kubestep.dev/disk: 1Gi, 90Gi after 1m         # what it writes, but not into volumes
//!     sim.kubestep.dev/volume.cache: 3Gi after 30s      # what the pod writes into its emptyDir volume `cache`
//!     sim.kubestep.dev/exit-after.log: 3s    # the container `log` alone
//! ```

use k8s_openapi::api::core::v1::Container;

use super::usage::{self, OutOfMemory, Space};
use super::{Latencies, cpu};
use crate::api::{Labels, quantity};
use crate::time::Duration;

/// What every annotation that this file reads begins with.
pub const PREFIX: &str = "sim.kubestep.dev/";

/// The longest time that an annotation may name.
pub(super) const LONGEST: Duration = Duration::from_seconds(24 * 3600);

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// From its start until its ports answer.
    pub start_up: Duration,
    /// From its start until its readiness probes may succeed.
    pub ready_after: Duration,
    /// From a request to its answer.
    pub response: Duration,
    /// From SIGTERM until it ends; `None` where it ignores the signal.
    pub on_sigterm: Option<Duration>,
    /// From its start until it ends by itself, and the code it ends with.
    pub exit: Option<(Duration, i32)>,
    /// When it uses more memory than it may, if it ever does.
    pub out_of_memory: Option<OutOfMemory>,
}

/// An annotation whose value says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misunderstood {
    pub(super) key: String,
    /// What is wrong with its value.
    pub(super) problem: String,
}

impl Behaviour {
    /// What `container` does. Values that say nothing count as absent: [`problems`] tells of them.
    pub fn of(annotations: &Labels, container: &Container, latencies: &Latencies) -> Behaviour {
        let mut behaviour = Behaviour {
            start_up: latencies.ready,
            ready_after: latencies.ready,
            response: Duration::ZERO,
            on_sigterm: Some(latencies.exit),
            exit: None,
            out_of_memory: None,
        };
        if annotations.is_empty() {
            return behaviour;
        }
        let limit = memory_limit(container);
        let container = container.name.as_str();
        let time = |name: &str| look_up(annotations, name, container).and_then(duration);
        if let Some(start_up) = time("start-up") {
            (behaviour.start_up, behaviour.ready_after) = (start_up, start_up);
        }
        if let Some(ready_after) = time("ready-after") {
            behaviour.ready_after = ready_after;
        }
        behaviour.response = time("response-time").unwrap_or_default();
        behaviour.on_sigterm = match look_up(annotations, "on-sigterm", container) {
            Some("ignore") => None,
            Some(text) => Some(duration(text).unwrap_or(latencies.exit)),
            None => Some(latencies.exit),
        };
        let code = look_up(annotations, "exit-code", container).and_then(exit_code);
        let after = time("exit-after").or(code.map(|_| behaviour.start_up));
        behaviour.exit = after.map(|after| (after, code.unwrap_or(0)));
        let uses = look_up(annotations, "memory", container);
        behaviour.out_of_memory = limit.and_then(|limit| uses.and_then(|text| OutOfMemory::of(text, limit)));
        behaviour
    }
}

/// What is wrong with the annotations under [`PREFIX`].
pub(super) fn problems(annotations: &Labels) -> Vec<Misunderstood> {
    let ours = annotations.iter().filter_map(|(key, value)| Some((key, key.strip_prefix(PREFIX)?, value)));
    let problem = |(key, name, value): (&String, &str, &String)| {
        let (name, _container) = name.split_once('.').unwrap_or((name, ""));
        let problem = match name {
            "start-up" | "ready-after" | "response-time" | "exit-after" => duration(value)
                .is_none()
                .then(|| format!("\"{value}\" is no time such as 500ms, 5s or 1m30s")),
            "on-sigterm" => (value != "ignore" && duration(value).is_none())
                .then(|| format!("\"{value}\" is neither \"ignore\" nor a time such as 5s")),
            "exit-code" => {
                exit_code(value).is_none().then(|| format!("\"{value}\" is no number from 0 to 255"))
            }
            name if name == usage::VOLUME || Space::read(name).is_some() => usage::read(value).err(),
            cpu::NAME => cpu::read(value).err(),
            other => Some(format!("no annotation is called {PREFIX}{other}")),
        }?;
        Some(Misunderstood { key: key.clone(), problem })
    };
    ours.filter_map(problem).collect()
}

/// The annotation for this container, or for all of them.
pub(super) fn look_up<'a>(annotations: &'a Labels, name: &str, container: &str) -> Option<&'a str> {
    let own = annotations.get(&format!("{PREFIX}{name}.{container}"));
    own.or_else(|| annotations.get(&format!("{PREFIX}{name}"))).map(String::as_str)
}

/// `resources.limits.memory`, in bytes.
fn memory_limit(container: &Container) -> Option<i64> {
    let limits = container.resources.as_ref()?.limits.as_ref()?;
    limits.get("memory").map(|limit| quantity::amount("memory", limit))
}

fn exit_code(text: &str) -> Option<i32> {
    text.parse::<u8>().ok().map(i32::from)
}

/// A time as Go writes it, up to [`LONGEST`].
pub(super) fn duration(text: &str) -> Option<Duration> {
    Duration::parse(text).filter(|duration| *duration <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_may_differ_from_its_pod() {
        let annotations: Labels = [
            ("sim.kubestep.dev/start-up", "2s"),
            ("sim.kubestep.dev/on-sigterm", "ignore"),
            ("sim.kubestep.dev/on-sigterm.log", "5s"),
            ("sim.kubestep.dev/exit-code.log", "3"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        let latencies = Latencies::default();
        let named = |name: &str| Container { name: name.to_owned(), ..Container::default() };
        let web = Behaviour::of(&annotations, &named("web"), &latencies);
        assert_eq!((web.start_up, web.on_sigterm, web.exit), (Duration::from_seconds(2), None, None));
        let log = Behaviour::of(&annotations, &named("log"), &latencies);
        assert_eq!(log.on_sigterm, Some(Duration::from_seconds(5)));
        assert_eq!(log.exit, Some((Duration::from_seconds(2), 3)));
        assert_eq!(problems(&annotations), []);
    }

    #[test]
    fn a_value_that_says_nothing_is_told() {
        let annotations: Labels = [("sim.kubestep.dev/start-up".to_owned(), "soon".to_owned())].into();
        let found = problems(&annotations);
        assert_eq!(found[0].problem, "\"soon\" is no time such as 500ms, 5s or 1m30s");
        let far: Labels = [("sim.kubestep.dev/exit-after".to_owned(), "25h".to_owned())].into();
        assert_eq!(problems(&far).len(), 1);
    }
}
