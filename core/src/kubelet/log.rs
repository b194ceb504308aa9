//! What a simulated process has said so far: a program that tells of its own life on its standard output.
//!
//! Nothing is kept for it: the lines follow from what the machine knows of the process.

use super::images::Image;
use super::local_pod::{Container, ContainerState, Ended, LocalPod, Role, Stop};
use crate::simulation::Behaviour;
use crate::time::{Duration, Time};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was said.
    pub at: Time,
    /// Without its end.
    pub text: String,
}

/// The log of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// What it said.
    pub lines: Vec<Line>,
    /// Whether it may still say something.
    pub is_open: bool,
}

/// What the container called `name` has said: the process that runs or ran last, or the one before it.
/// `None`: there is no such process.
pub fn log(pod: &LocalPod, name: &str, previous: bool) -> Option<Log> {
    let container = pod.containers.iter().find(|container| &*container.name == name)?;
    if previous {
        let ended = container.last.as_ref()?;
        return Some(Log { lines: of_ended(ended), is_open: false });
    }
    match &container.state {
        ContainerState::Running(running) => {
            let mut lines = vec![started(running.since, &running.image_name)];
            let up = running.since + running.behaviour.start_up;
            // Who was told to stop answers no more, and had done so before.
            let was_up = matches!(running.stop, Stop::Signalled { at, .. } if up <= at);
            if running.listens || was_up {
                lines.extend(listens(pod, container).map(|text| Line { at: up, text }));
            }
            if let Stop::Signalled { at, kill_at } = running.stop {
                lines.push(signalled(at, kill_at, &running.behaviour));
            }
            Some(Log { lines, is_open: true })
        }
        ContainerState::Ended(ended) => Some(Log { lines: of_ended(ended), is_open: false }),
        ContainerState::Absent => {
            container.last.as_ref().map(|ended| Log { lines: of_ended(ended), is_open: false })
        }
    }
}

fn of_ended(ended: &Ended) -> Vec<Line> {
    let mut lines = vec![started(ended.started, &shown(&ended.image))];
    // SIGKILL leaves no time for words.
    if ended.code != KILLED {
        lines.push(Line { at: ended.finished, text: format!("exits with code {}", ended.code) });
    }
    lines
}

/// 128 and the number of SIGKILL.
const KILLED: i32 = 137;

fn started(at: Time, image: &str) -> Line {
    Line { at, text: format!("{image} starts as process 1") }
}

/// `nginx:1.27`: what a pod would call it.
fn shown(image: &Image) -> String {
    let reference = &*image.reference;
    let short = reference.strip_prefix("docker.io/").unwrap_or(reference);
    short.strip_prefix("library/").unwrap_or(short).to_owned()
}

/// `answers on port 80`; nothing of a process that has no ports.
fn listens(pod: &LocalPod, container: &Container) -> Option<String> {
    let spec = &pod.object().spec.spec;
    let containers = match container.role {
        Role::Regular => Some(&spec.containers),
        Role::Init | Role::Sidecar => spec.init_containers.as_ref(),
    };
    let spec = containers?.iter().find(|spec| *spec.name == *container.name)?;
    let ports: Vec<String> =
        spec.ports.iter().flatten().map(|port| port.container_port.to_string()).collect();
    match ports.as_slice() {
        [] => None,
        [port] => Some(format!("answers on port {port}")),
        several => Some(format!("answers on ports {}", several.join(", "))),
    }
}

fn signalled(at: Time, kill_at: Time, behaviour: &Behaviour) -> Line {
    let text = match behaviour.on_sigterm {
        Some(Duration::ZERO) => "SIGTERM: stops at once".to_owned(),
        Some(takes) if at + takes < kill_at => format!("SIGTERM: finishes what it does, for {takes}"),
        Some(takes) => format!("SIGTERM: finishes what it does, which takes {takes}"),
        None => "SIGTERM: goes on as before".to_owned(),
    };
    Line { at, text }
}
