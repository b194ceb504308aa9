//! A node's manifest directory: each file is a pod that its kubelet runs without asking anybody.
//!
//! A file that appears or changes is noticed at once. Its pod is called after the node, and its uid follows from its
//! text: another text is another pod, which starts when the one before it is gone. A file that says nothing is passed
//! over, and at the next rescan the pod that it was goes. Upstream: `pkg/kubelet/config/{file,common}.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::MachineContext;
use super::local_pod::LocalPod;
use super::machine::Machine;
use super::runtime::{MachineChange, MachineTimer};
use crate::api::{Key, Object, Pod, Uid};
use crate::apiserver::static_pod;
use crate::manifest;
use crate::time::{Duration, Time};
use crate::why::{self, Why};

/// How often the whole directory is read. Upstream: `fileCheckFrequency`.
const RESCAN: Duration = Duration::from_seconds(20);

/// The annotation with what a static pod follows from; its mirror has it too.
pub(super) const HASH: &str = "kubernetes.io/config.hash";

/// A file in a manifest directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// What it says.
    pub text: Rc<str>,
    /// The pod it stands for, or what is wrong with it.
    pub pod: Result<Rc<Pod>, Rc<str>>,
}

/// Where a static pod comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Origin {
    /// The file's name.
    pub file: Rc<str>,
    /// Whether the file no longer says so.
    pub is_withdrawn: bool,
    /// Until when a request about its mirror is on its way.
    pub asked_until: Time,
    /// The mirror that its status was last sent to.
    pub told: Option<Uid>,
    /// When its status is sent to a mirror that does not know it.
    pub retell_at: Option<Time>,
}

impl Origin {
    /// A file that a kubelet has just read.
    pub(super) fn of(file: &Rc<str>) -> Origin {
        Origin {
            file: file.clone(),
            is_withdrawn: false,
            asked_until: Time::ZERO,
            told: None,
            retell_at: None,
        }
    }
}

/// Puts a file into a node's manifest directory, in the place of one of the same name.
pub fn write(
    machine: &mut Machine,
    file: &Rc<str>,
    text: &Rc<str>,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let known = machine.manifests.get(file);
    if known.is_some_and(|known| known.text == *text) {
        return None;
    }
    let pod = read(text, &machine.name, file, context.now);
    let why = match &pod {
        Ok(pod) => why::Kubelet::ManifestRead { file: file.clone(), pod: pod.key.name.clone() },
        Err(problem) => why::Kubelet::ManifestUnreadable { file: file.clone(), problem: problem.clone() },
    };
    match &pod {
        Ok(pod) => {
            withdraw(machine, file, context);
            put(machine, file, pod, context);
        }
        // The pod that it was runs on until the directory is read as a whole.
        Err(_) => {
            let beat = Duration(RESCAN.0 - context.now.0 % RESCAN.0);
            context.timers.push((context.now + beat, MachineTimer::Rescan, false));
        }
    }
    Rc::make_mut(&mut machine.manifests).insert(file.clone(), Manifest { text: text.clone(), pod });
    let change = MachineChange::Manifest { node: machine.name.clone(), file: file.clone(), is_there: true };
    Some((change, why.into()))
}

/// Takes a file out of a node's manifest directory.
pub fn remove(
    machine: &mut Machine,
    file: &Rc<str>,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    Rc::make_mut(&mut machine.manifests).remove(file)?;
    withdraw(machine, file, context);
    let change = MachineChange::Manifest { node: machine.name.clone(), file: file.clone(), is_there: false };
    Some((change, why::Kubelet::ManifestRemoved { file: file.clone() }.into()))
}

/// Reads the directory as a whole: pods whose files no longer say so go.
pub(super) fn rescan(machine: &mut Machine, context: &mut MachineContext<'_>) {
    let unreadable = machine.manifests.iter().filter(|(_, manifest)| manifest.pod.is_err());
    let files: Vec<Rc<str>> = unreadable.map(|(file, _)| file.clone()).collect();
    for file in files {
        withdraw(machine, &file, context);
    }
}

/// A static pod whose file has the name `file` is there from now on.
fn put(machine: &mut Machine, file: &Rc<str>, pod: &Rc<Pod>, context: &mut MachineContext<'_>) {
    let origin = Origin::of(file);
    // One that is back before it was gone must go first, for a worker never turns back: see `revive`.
    if machine.pod(pod.uid).is_none() {
        machine.put(Rc::new(LocalPod::of_file(pod.clone(), origin)));
    }
    context.wake(pod.uid);
}

/// A pod is gone: if a file says it should be there, it begins anew.
pub(super) fn revive(machine: &mut Machine, uid: Uid, context: &mut MachineContext<'_>) {
    let wanted = machine.manifests.iter().find_map(|(file, manifest)| {
        let pod = manifest.pod.as_ref().ok().filter(|pod| pod.uid == uid)?;
        Some((file.clone(), pod.clone()))
    });
    if let Some((file, pod)) = wanted {
        put(machine, &file, &pod, context);
    }
}

/// The pods that came from `file` are to go.
fn withdraw(machine: &mut Machine, file: &Rc<str>, context: &mut MachineContext<'_>) {
    let is_from = |pod: &&Rc<LocalPod>| {
        pod.origin.as_ref().is_some_and(|origin| origin.file == *file && !origin.is_withdrawn)
    };
    let withdrawn: Vec<Uid> = machine.pods().filter(is_from).map(|pod| pod.uid()).collect();
    for uid in withdrawn {
        if let Some(origin) = machine.pod_mut(uid).and_then(|pod| pod.origin.as_mut()) {
            Rc::make_mut(origin).is_withdrawn = true;
            context.wake(uid);
        }
    }
}

/// The pod that a file stands for on `node`, or what is wrong with it.
pub(super) fn read(text: &str, node: &Rc<str>, file: &str, now: Time) -> Result<Rc<Pod>, Rc<str>> {
    let (documents, diagnostics) = manifest::read(text);
    if let Some(wrong) = diagnostics.iter().find(|diagnostic| diagnostic.is_error) {
        return Err(wrong.message.as_str().into());
    }
    let document = documents.into_iter().next().ok_or("there is nothing in it")?;
    let Object::Pod(sent) = document.object else { return Err("it is no Pod".into()) };
    let mut pod = (*sent).clone();
    let namespace = if pod.key.namespace.is_empty() { "default".into() } else { pod.key.namespace.clone() };
    pod.key = Key { namespace, name: format!("{}-{}", pod.key.name, node.to_ascii_lowercase()).into() };
    pod.uid = uid_of(&format!("{text}host:{node}file:{file}"));
    pod.spec.node = Some(node.clone());
    let meta = Rc::make_mut(&mut pod.meta);
    meta.created = now.truncate_to_second();
    meta.generation = 1;
    let seen = serde_json::to_value(now.to_api()).ok().and_then(|seen| seen.as_str().map(str::to_owned));
    let annotations = Rc::make_mut(&mut meta.annotations);
    annotations.insert("kubernetes.io/config.seen".to_owned(), seen.unwrap_or_default());
    annotations.insert("kubernetes.io/config.source".to_owned(), "file".to_owned());
    annotations.insert(HASH.to_owned(), format!("{:032x}", pod.uid.0));
    let spec = Rc::make_mut(&mut pod.spec.spec);
    spec.tolerations.get_or_insert_default().push(core::Toleration {
        effect: Some("NoExecute".to_owned()),
        operator: Some("Exists".to_owned()),
        ..core::Toleration::default()
    });
    static_pod::complete(pod).map(Rc::new).map_err(Into::into)
}

/// FNV-1a of 128 bits, as upstream hashes what a file says.
fn uid_of(text: &str) -> Uid {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    Uid(text.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME)))
}
