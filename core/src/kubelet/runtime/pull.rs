//! Pulls of images, one after the other.

use std::rc::Rc;

use super::change::{MachineChange, PodChange, of_pod};
use super::{ContainerAt, MachineTimer};
use crate::kubelet::MachineContext;
use crate::kubelet::images::Pull;
use crate::kubelet::local_pod::Doing;
use crate::kubelet::machine::Machine;
use crate::why::{self, Why};

pub(super) fn pull(
    machine: &mut Machine,
    at: ContainerAt,
    image: &Rc<str>,
    is_open: bool,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let pod = machine.pod(at.pod)?;
    let change = of_pod(pod, PodChange::PullBegan(image.clone()));
    let pull = Pull {
        pod: at.pod,
        container: at.place,
        image: image.clone(),
        is_open,
        asked: context.now,
        began: None,
    };
    Rc::make_mut(&mut machine.images).ask(pull);
    begin_next_pull(machine, context);
    Some(change)
}

pub(super) fn begin_next_pull(machine: &mut Machine, context: &mut MachineContext<'_>) {
    let images = Rc::make_mut(&mut machine.images);
    let Some(takes) = images.begin(context.now, context.simulation) else { return };
    let Some(pull) = images.pulls().first() else { return };
    let at = ContainerAt { pod: pull.pod, place: pull.container };
    context.progress(takes, MachineTimer::PullEnds(at));
}

pub(super) fn pull_ends(
    machine: &mut Machine,
    at: ContainerAt,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let first = machine.images.pulls().first()?;
    // Given up meanwhile, and another one's turn: that one has a timer of its own.
    let is_this_one = first.pod == at.pod && first.container == at.place && first.began.is_some();
    if !is_this_one {
        return None;
    }
    let (pull, pulled) = Rc::make_mut(&mut machine.images).finish(context.now, context.simulation)?;
    begin_next_pull(machine, context);
    let pod = machine.pod_mut(at.pod).filter(|pod| pod.doing == Doing::Pulling(at.place))?;
    let (success, is_denied) = (pulled.image.is_ok(), pulled.is_denied);
    let why = why::Kubelet::PullEnded {
        image: pull.image.clone(),
        success,
        is_denied,
        took_ms: pulled.took.as_millis(),
        waited_ms: pulled.waited.as_millis(),
    };
    pod.doing = Doing::Pulled(at.place, Box::new(pulled));
    context.wake(at.pod);
    let container = pod.containers[at.place].name.clone();
    Some((of_pod(pod, PodChange::PullEnded { container, success }), why.into()))
}
