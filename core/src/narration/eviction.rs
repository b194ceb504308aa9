//! Words for the facts of `why::eviction`.

use super::kubelet::pod_of;
use super::{Detail, Text};
use crate::api::quantity::binary;
use crate::engine::Step;
use crate::why::{Eviction, StorageLimit};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Eviction, step: &Step) -> Text {
    let evicts = || match pod_of(step) {
        Some(pod) => Text::new().plain("Evicts ").object(&pod).plain(": "),
        None => Text::new().plain("Evicts the pod: "),
    };
    let node = || match step.change() {
        Some(change) => Text::new().plain("Node ").object(&change.object),
        None => Text::new().plain("Its node"),
    };
    match fact {
        Eviction::WatchesItsSpace => Text::new().plain("Watches what is left of its node."),
        Eviction::SpaceShort { resource, available, .. } => {
            let text = Text::new().plain("Has too little ").plain(*resource).plain(" left: ");
            text.number(amount(resource, *available)).plain(".")
        }
        Eviction::ImagesUnused { images, .. } => {
            let text = Text::new().plain("Removes ").number(images);
            text.plain(if *images == 1 { " unused image: " } else { " unused images: " })
                .plain("the disk is nearly full.")
        }
        Eviction::EvictsPod { resource: resource @ ("inodes" | "pids"), used, of, .. } => {
            let text = evicts().plain("it has ").number(used).plain(" of the ").plain(*resource);
            text.plain(", first of ").number(of).plain(".")
        }
        Eviction::EvictsPod { resource, used, requested, of, .. } => {
            let text = evicts().plain("it uses ").number(amount(resource, *used));
            let text = text.plain(", asked for ").number(amount(resource, *requested));
            text.plain(", first of ").number(of).plain(".")
        }
        Eviction::AboveLimit { limit, used_bytes, limit_bytes } => {
            let (used, allowed) = (binary(*used_bytes), binary(*limit_bytes));
            match limit {
                StorageLimit::Volume(volume) => {
                    let text = evicts().plain("its volume ").plain(volume.clone()).plain(" holds ");
                    text.number(used).plain(", its limit is ").number(allowed).plain(".")
                }
                StorageLimit::Pod => {
                    let text = evicts().plain("it has written ").number(used);
                    text.plain(", its containers' limits add up to ").number(allowed).plain(".")
                }
                StorageLimit::Container(container) => {
                    let text = evicts()
                        .plain("its container ")
                        .plain(container.clone())
                        .plain(" has written ")
                        .number(used);
                    text.plain(", its limit is ").number(allowed).plain(".")
                }
            }
        }
        Eviction::ReportsPressure { condition, holds: true } => {
            node().plain(" reports ").plain(*condition).plain(": it gets no new pods.")
        }
        Eviction::ReportsPressure { condition, holds: false } => {
            node().plain(" reports ").plain(*condition).plain(" over: it has had enough for 5 minutes.")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Eviction) -> Detail {
    match fact {
        Eviction::WatchesItsSpace => Detail::default(),
        Eviction::SpaceShort { resource, available, threshold } => Detail::new("What is left", "synchronize")
            .row("available", "of the node's capacity", amount(resource, *available))
            .row("threshold", "evictionHard", amount(resource, *threshold)),
        Eviction::ImagesUnused { images, bytes } => Detail::new("What is freed", "reclaimNodeLevelResources")
            .row("images", "that nothing runs from", images)
            .row("bytes", "of the disk", binary(*bytes)),
        Eviction::EvictsPod { resource: "pids", used, priority, of, .. } => {
            Detail::new("Who goes first", "rankPIDPressure")
                .row("priority", "the lowest first", priority)
                .row("processes", "of these, the most first", used)
                .row("pods", "that run on the node", of)
        }
        Eviction::EvictsPod { resource, used, requested, priority, of } => {
            let ranked = if *resource == "memory" { "rankMemoryPressure" } else { "rankDiskPressureFunc" };
            Detail::new("Who goes first", ranked)
                .row("used", "by the pod", amount(resource, *used))
                .row("requested", "pods that use more go first", amount(resource, *requested))
                .row("priority", "of these, the lowest first", priority)
                .row("beyond its request", "of these, the most first", amount(resource, used - requested))
                .row("pods", "that run on the node", of)
        }
        Eviction::AboveLimit { limit, used_bytes, limit_bytes } => {
            let [used, allowed] = match limit {
                StorageLimit::Volume(_) => ["in the volume, measured once a minute", "emptyDir.sizeLimit"],
                StorageLimit::Pod => ["by its containers and into its volumes", "Σ limits.ephemeral-storage"],
                StorageLimit::Container(_) => ["by the container", "limits.ephemeral-storage"],
            };
            Detail::new("What it may write", "localStorageEviction")
                .row("written", used, binary(*used_bytes))
                .row("limit", allowed, binary(*limit_bytes))
        }
        Eviction::ReportsPressure { condition, holds } => {
            let detail = Detail::new("The node", "setNodeStatus");
            detail.row(*condition, "status.conditions", if *holds { "True" } else { "False" })
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Eviction) -> &'static [&'static str] {
    match fact {
        Eviction::WatchesItsSpace
        | Eviction::SpaceShort { .. }
        | Eviction::ImagesUnused { .. }
        | Eviction::ReportsPressure { .. } => &[],
        Eviction::EvictsPod { .. } => {
            &["spec.containers[*].resources.requests", "spec.priorityClassName", "metadata.annotations"]
        }
        Eviction::AboveLimit { limit: StorageLimit::Volume(_), .. } => {
            &["spec.volumes[*].emptyDir.sizeLimit", "metadata.annotations"]
        }
        Eviction::AboveLimit { limit: StorageLimit::Pod | StorageLimit::Container(_), .. } => {
            &["spec.containers[*].resources.limits", "metadata.annotations"]
        }
    }
}

/// Bytes in their largest unit, or how many.
pub(super) fn amount(resource: &str, amount: i64) -> String {
    match resource {
        "inodes" | "pids" => amount.to_string(),
        _ => binary(amount),
    }
}
