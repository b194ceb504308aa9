//! A machine whose static pods have been running since before the first step: nobody waits for the control plane to
//! come up.

use std::rc::Rc;

use super::local_pod::{ContainerState, LocalPod, Sandbox};
use super::machine::Machine;
use super::manifests::{self, Manifest, Origin};
use super::runtime::begin_process;
use super::{MachineContext, mirror, status};
use crate::api::{Node, Pod, Uid};

/// Puts files into the manifest directory of `node`'s machine, with their pods running and ready, and the API told of
/// each: returns the mirrors.
pub(crate) fn boot(
    machine: &mut Machine,
    node: &Node,
    files: &[(&str, &str)],
    context: &mut MachineContext<'_>,
) -> Vec<Pod> {
    let mut mirrors = Vec::new();
    for (file, text) in files {
        let (file, text): (Rc<str>, Rc<str>) = ((*file).into(), (*text).into());
        let pod = manifests::read(&text, &machine.name, &file, context.now);
        if let Ok(pod) = &pod {
            let (local, mirror) = running(machine, node, &file, pod, context);
            machine.put(Rc::new(local));
            mirrors.push(mirror);
        }
        Rc::make_mut(&mut machine.manifests).insert(file, Manifest { text, pod });
    }
    mirrors
}

/// A static pod that runs, and its mirror, which knows of that.
fn running(
    machine: &mut Machine,
    node: &Node,
    file: &Rc<str>,
    pod: &Rc<Pod>,
    context: &mut MachineContext<'_>,
) -> (LocalPod, Pod) {
    let mut mirror = mirror::mirror_of(pod, node.key.name.clone(), node.uid);
    mirror.uid = Uid::random(context.rng);
    let origin = Origin { told: Some(mirror.uid), ..Origin::of(file) };
    let mut local = LocalPod::of_file(pod.clone(), origin);
    local.accepted = Some(context.now);
    let address = machine.address.clone();
    local.sandbox = Some(Sandbox { address, number: 0, since: context.now });
    for place in 0..local.containers.len() {
        let name: Rc<str> = local.spec_of(place).image.as_deref().unwrap_or_default().into();
        let image = Rc::make_mut(&mut machine.images).take_as_given(&name);
        begin_process(&mut local, place, image, name, context);
        // It answers and has been probed: what would lead there is behind it.
        context.timers.clear();
        let container = &mut local.containers[place];
        if let ContainerState::Running(process) = &mut container.state {
            Rc::make_mut(process).listens = true;
        }
        for probe in &mut container.probes {
            probe.succeed();
        }
    }
    let told = Rc::new(status::of(&local, machine, context.now));
    mirror.status = told.clone();
    local.reported = Some(told);
    (local, mirror)
}
