//! Words for the facts of `why::kubectl`.

use std::rc::Rc;

use super::eviction::amount;
use super::{Detail, Text};
use crate::api::{Kind, ObjectRef};
use crate::engine::Step;
use crate::time::Duration;
use crate::why::{Kubectl, Why};

/// A longer path would not leave room for the object.
const LONGEST_FIELD: usize = 45;

/// What a person said.
pub(super) fn asked(line: &Rc<str>, why: &Why) -> Text {
    match why {
        Why::Kubectl(
            Kubectl::Chose { is_there: false, .. }
            | Kubectl::HeldBack { is_there: false, .. }
            | Kubectl::Dropped { is_there: false, .. },
        ) => Text::new().plain("Ran ").field(line.clone()).plain(": that no longer waits."),
        Why::Kubectl(Kubectl::Chose { what, .. }) if !what.is_empty() => {
            Text::new().plain("Lets this go next: ").plain(what.clone())
        }
        Why::Kubectl(Kubectl::HeldBack { what, wait, .. }) if !what.is_empty() => {
            Text::new().plain("Holds this back for ").number(wait).plain(": ").plain(what.clone())
        }
        Why::Kubectl(Kubectl::Dropped { what, .. }) if !what.is_empty() => {
            Text::new().plain("Lets this message get lost: ").plain(what.clone())
        }
        Why::Kubectl(Kubectl::Slowed { watcher, late }) if *late == Duration::ZERO => {
            let text = Text::new().plain("Lets ").field(watcher.clone());
            text.plain(" hear in time again.")
        }
        Why::Kubectl(Kubectl::Slowed { watcher, late }) => {
            let text = Text::new().plain("Lets ").field(watcher.clone()).plain(" hear of every change ");
            text.number(late).plain(" late.")
        }
        Why::Kubectl(Kubectl::UsesSpace { node, resource, used: 0 }) => {
            let text = Text::new().plain("Lets only pods use the ").plain(*resource).plain(" of ");
            text.plain(node.clone()).plain(".")
        }
        Why::Kubectl(Kubectl::UsesSpace { node, resource, used }) => {
            let text =
                Text::new().plain("Lets ").number(amount(resource, *used)).plain(" of the ").plain(*resource);
            text.plain(" of ").plain(node.clone()).plain(" be used by what is no pod.")
        }
        Why::Kubectl(Kubectl::PutsFile { file, node }) => {
            let text = Text::new().plain("Put ").field(file.clone());
            text.plain(" into the manifest directory of ").plain(node.clone()).plain(".")
        }
        Why::Kubectl(Kubectl::TakesFile { file, node }) => {
            let text = Text::new().plain("Took ").field(file.clone());
            text.plain(" out of the manifest directory of ").plain(node.clone()).plain(".")
        }
        Why::Kubectl(Kubectl::MovesFile { file, from, to }) => {
            let text =
                Text::new().plain("Moved ").field(file.clone()).plain(" from the manifest directory of ");
            text.plain(from.clone()).plain(" to that of ").plain(to.clone()).plain(".")
        }
        Why::Kubectl(Kubectl::Follows { client, is_there: true }) => {
            Text::new().plain("Follows the next request of ").field(client.clone()).plain(".")
        }
        Why::Kubectl(Kubectl::Follows { client, is_there: false }) => Text::new()
            .plain("Ran ")
            .field(line.clone())
            .plain(": no client is called ")
            .plain(client.clone()),
        Why::Kubectl(Kubectl::Stops { process }) => {
            let text = Text::new().plain("Stopped ").field(process.clone());
            text.plain(": its work queue fills, and nobody looks.")
        }
        Why::Kubectl(Kubectl::Starts { process, waiting }) => {
            let text = Text::new().plain("Started ").field(process.clone()).plain(": ").number(waiting);
            text.plain(if *waiting == 1 {
                " key waits to be looked at."
            } else {
                " keys wait to be looked at."
            })
        }
        _ => Text::new().plain("Ran ").field(line.clone()),
    }
}

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Kubectl, step: &Step) -> Text {
    let Some(object) = step.change().map(|change| change.object.clone()) else {
        return match fact {
            Kubectl::Waited => "Waited: the time has passed.",
            _ => "Sees nothing to send.",
        }
        .into();
    };
    let start = |words: &'static str| Text::new().plain(words).object(&object);
    match fact {
        Kubectl::Creates => start("Creates ").plain(": the cluster has none of that name."),
        Kubectl::Configures { fields } => configures(fields).object(&object).plain("."),
        Kubectl::Deletes { grace_seconds, is_forced } => deletes(&object, *grace_seconds, *is_forced),
        Kubectl::Scales { from, to } => {
            start("Scales ").plain(" from ").number(from).plain(" to ").number(to).plain(" replicas.")
        }
        Kubectl::SetsImage { container, image } => {
            let text = start("Sets in ").plain(" the image of ").plain(container.clone());
            text.plain(" to ").number(image).plain(".")
        }
        Kubectl::SetsEnvironment { names } => named("Sets the variable ", " variables of ", names, &object),
        Kubectl::SetsResources { resources } => {
            named("Sets requests or limits of ", " resources of ", resources, &object)
        }
        Kubectl::Patches { fields } => configures(fields).object(&object).plain("."),
        Kubectl::Exposes { what } => start("Creates ").plain(" for the pods of ").object(what).plain("."),
        Kubectl::RollsBack { to, set } => {
            let text = start("Rolls ").plain(" back to revision ").number(to);
            text.plain(": the template of ").plain(set.clone()).plain(".")
        }
        Kubectl::Replaces => start("Replaces ").plain(" by what the manifest says."),
        Kubectl::Pauses => start("Pauses the rollout of ").plain("."),
        Kubectl::Resumes => start("Resumes the rollout of ").plain("."),
        Kubectl::Restarts => start("Restarts ").plain(": an annotation of its template gets the time."),
        Kubectl::Cordons => start("Cordons ").plain(": the scheduler passes it over."),
        Kubectl::Uncordons => start("Uncordons ").plain(": the scheduler counts it again."),
        Kubectl::Labels { keys } => named("Sets the label ", " labels of ", keys, &object),
        Kubectl::Annotates { keys } => named("Sets the annotation ", " annotations of ", keys, &object),
        Kubectl::Evicts { pod } if object.kind == Kind::Pod => {
            let text = Text::new().plain("Evicts ").object(&object);
            text.plain(if *pod == object.key.name { ": no budget forbids it." } else { "." })
        }
        Kubectl::Evicts { pod } => {
            let text = Text::new().plain("Evicts ").plain(pod.clone()).plain(": ");
            text.object(&object).plain(" has an eviction left.")
        }
        Kubectl::Taints { keys } => named("Sets the taint ", " taints of ", keys, &object),
        Kubectl::Waited => "Waited: the time has passed.".into(),
        Kubectl::Asked | Kubectl::Chose { .. } | Kubectl::HeldBack { .. } => {
            start("Answers about ").plain(".")
        }
        Kubectl::RemovesNode => start("Removes ").plain(": its machine is switched off."),
        Kubectl::PutsFile { .. } | Kubectl::TakesFile { .. } | Kubectl::MovesFile { .. } => {
            start("Answers about ").plain(".")
        }
        Kubectl::Dropped { .. } | Kubectl::Slowed { .. } => start("Answers about ").plain("."),
        Kubectl::UsesSpace { .. } => start("Answers about ").plain("."),
        Kubectl::Stops { .. } | Kubectl::Starts { .. } | Kubectl::Follows { .. } => {
            start("Answers about ").plain(".")
        }
        Kubectl::Reports | Kubectl::WaitsAtMost => start("Answers about ").plain("."),
    }
}

fn configures(fields: &[String]) -> Text {
    match fields {
        [] => Text::new().plain("Notes the manifest in the annotation that apply keeps on "),
        [field] if field.len() <= LONGEST_FIELD => {
            Text::new().plain("Changes ").field(field.as_str()).plain(" of ")
        }
        [_] => Text::new().plain("Changes ").number(1).plain(" field of "),
        several => Text::new().plain("Changes ").number(several.len()).plain(" fields of "),
    }
}

fn deletes(object: &ObjectRef, grace_seconds: Option<i64>, is_forced: bool) -> Text {
    let text = Text::new().plain("Deletes ").object(object);
    match grace_seconds {
        Some(0) if is_forced => text.plain(" by force: nobody waits for its containers."),
        Some(seconds) => text.plain(" with a grace period of ").number(seconds).plain(" s."),
        None => text.plain(": the request names no grace period."),
    }
}

fn named(one: &'static str, several: &'static str, keys: &[Rc<str>], object: &ObjectRef) -> Text {
    match keys {
        [key] => Text::new().plain(one).field(key.clone()).plain(" of ").object(object).plain("."),
        keys => Text::new().plain("Sets ").number(keys.len()).plain(several).object(object).plain("."),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Kubectl, _step: &Step) -> Detail {
    match fact {
        Kubectl::Configures { fields } => {
            let start = Detail::new("What changes", "CreateThreeWayMergePatch");
            let row = |detail: Detail, field: &String| {
                detail.row(field.as_str(), "manifest against live object", "patched")
            };
            fields.iter().fold(start, row).row("fields", "the manifest's and its last apply's", fields.len())
        }
        Kubectl::Deletes { grace_seconds, is_forced } => {
            let seconds =
                grace_seconds.map_or_else(|| "the pod's own".to_owned(), |seconds| format!("{seconds} s"));
            let sum = if *is_forced { "--force" } else { "as asked" };
            Detail::new("How long it may take", "DeleteOptions").row("grace period", sum, seconds)
        }
        Kubectl::Scales { from, to } => Detail::new("How many", "ScaleSimple")
            .row("replicas", "as they are", from)
            .row("replicas", "as asked", to),
        Kubectl::RollsBack { to, set } => {
            Detail::new("Back to", "deploymentRevision").row("revision", set.clone(), to)
        }
        Kubectl::SetsImage { container, image } => {
            Detail::new("What changes", "SetImage").row(container.clone(), "image", image)
        }
        Kubectl::Patches { fields } => {
            let start = Detail::new("What changes", "patch");
            let rows =
                fields.iter().fold(start, |detail, field| detail.row(field.as_str(), "as asked", "patched"));
            rows.row("fields", "the patch's", fields.len())
        }
        Kubectl::Evicts { pod } => {
            Detail::new("What goes", "EvictionREST.Create").row(pod.clone(), "pods/eviction", "deleted")
        }
        Kubectl::Exposes { what } => {
            Detail::new("What it selects", "expose").row("pods", "by its labels", what.to_string())
        }
        Kubectl::SetsEnvironment { names: keys }
        | Kubectl::SetsResources { resources: keys }
        | Kubectl::Labels { keys }
        | Kubectl::Taints { keys }
        | Kubectl::Annotates { keys } => {
            let start = Detail::new("What changes", "");
            keys.iter().fold(start, |detail, key| detail.row(key.clone(), "as asked", "patched"))
        }
        Kubectl::HeldBack { what, wait, .. } => {
            Detail::new("How long it is held back", "").row(what.clone(), "from now", wait)
        }
        Kubectl::Asked | Kubectl::Waited | Kubectl::Chose { .. } | Kubectl::Creates => Detail::default(),
        Kubectl::Pauses | Kubectl::Resumes | Kubectl::Restarts | Kubectl::Replaces => Detail::default(),
        Kubectl::Starts { process, waiting } => {
            Detail::new("What it missed", "").row("keys", format!("in the work queue of {process}"), waiting)
        }
        Kubectl::Slowed { watcher, late } => {
            Detail::new("How late it hears", "").row(watcher.clone(), "after every write", late)
        }
        Kubectl::Dropped { .. } | Kubectl::RemovesNode => Detail::default(),
        Kubectl::PutsFile { .. } | Kubectl::TakesFile { .. } | Kubectl::MovesFile { .. } => Detail::default(),
        Kubectl::Stops { .. } | Kubectl::Follows { .. } | Kubectl::UsesSpace { .. } => Detail::default(),
        Kubectl::Cordons | Kubectl::Uncordons | Kubectl::Reports | Kubectl::WaitsAtMost => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Kubectl) -> &'static [&'static str] {
    match fact {
        Kubectl::Scales { .. } => &["spec.replicas"],
        Kubectl::SetsImage { .. } => &["spec.template.spec.containers[*].image"],
        Kubectl::SetsEnvironment { .. } => &["spec.template.spec.containers[*].env"],
        Kubectl::SetsResources { .. } => &["spec.template.spec.containers[*].resources"],
        Kubectl::Patches { .. } | Kubectl::Exposes { .. } => &[],
        Kubectl::Deletes { grace_seconds: None, .. } => &["spec.terminationGracePeriodSeconds"],
        Kubectl::RollsBack { .. } => &["spec.template"],
        Kubectl::Pauses | Kubectl::Resumes => &["spec.paused"],
        Kubectl::Restarts => &["spec.template.metadata.annotations"],
        Kubectl::Cordons | Kubectl::Uncordons => &["spec.unschedulable"],
        Kubectl::Evicts { .. } => &["spec.terminationGracePeriodSeconds"],
        Kubectl::Taints { .. } => &["spec.taints"],
        Kubectl::Labels { .. } => &["metadata.labels"],
        Kubectl::Annotates { .. } => &["metadata.annotations"],
        Kubectl::Asked | Kubectl::Creates | Kubectl::Configures { .. } | Kubectl::Deletes { .. } => &[],
        Kubectl::Waited | Kubectl::Chose { .. } | Kubectl::HeldBack { .. } => &[],
        Kubectl::Dropped { .. } | Kubectl::Slowed { .. } | Kubectl::RemovesNode => &[],
        Kubectl::Stops { .. } | Kubectl::Starts { .. } | Kubectl::Follows { .. } => &[],
        Kubectl::Reports | Kubectl::WaitsAtMost | Kubectl::Replaces | Kubectl::UsesSpace { .. } => &[],
        Kubectl::PutsFile { .. } | Kubectl::TakesFile { .. } | Kubectl::MovesFile { .. } => &[],
    }
}
