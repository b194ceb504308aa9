//! Facts of what a person asked for.

use std::rc::Rc;

use crate::api::ObjectRef;
use crate::time::Duration;

/// Why kubectl sends a request or prints a line: the command that was typed, or Apply pressed.
#[derive(Clone, Debug, PartialEq)]
pub enum Kubectl {
    /// A person gave the command.
    Asked,
    /// A person let time pass, and it has.
    Waited,
    /// A person let something happen before everything else that waits.
    Chose {
        /// What, in words; empty if nobody said.
        what: Rc<str>,
        /// Whether it still waited.
        is_there: bool,
    },
    /// A person let a message get lost.
    Dropped {
        /// What, in words; empty if nobody said.
        what: Rc<str>,
        /// Whether it was still on its way.
        is_there: bool,
    },
    /// A person slowed a watcher down.
    Slowed {
        /// Which.
        watcher: Rc<str>,
        /// How much later it hears.
        late: Duration,
    },
    /// A person lets something of a node be used by what is no pod.
    UsesSpace {
        /// The node.
        node: Rc<str>,
        /// `memory`, `disk`, `inodes`, `pids`
        resource: &'static str,
        /// Bytes, or how many.
        used: i64,
    },
    /// A person put a file into a node's manifest directory, or changed it there.
    PutsFile {
        /// The file.
        file: Rc<str>,
        /// The node.
        node: Rc<str>,
    },
    /// A person took a file out of a node's manifest directory.
    TakesFile {
        /// The file.
        file: Rc<str>,
        /// The node.
        node: Rc<str>,
    },
    /// A person moved a file from one manifest directory to another.
    MovesFile {
        /// The file.
        file: Rc<str>,
        /// From this node.
        from: Rc<str>,
        /// To this one.
        to: Rc<str>,
    },
    /// A person took a machine out of the cluster.
    RemovesNode,
    /// A person stopped a process of the control plane.
    Stops {
        /// Which.
        process: Rc<str>,
    },
    /// A person started it again.
    Starts {
        /// Which.
        process: Rc<str>,
        /// How many keys wait in its work queue.
        waiting: usize,
    },
    /// A person follows the next request of a client.
    Follows {
        /// The client.
        client: Rc<str>,
        /// Whether there is one of this name.
        is_there: bool,
    },
    /// A person let everything else go before it.
    HeldBack {
        /// What, in words; empty if nobody said.
        what: Rc<str>,
        /// For how long.
        wait: Duration,
        /// Whether it still waited.
        is_there: bool,
    },
    /// The manifest has an object that the cluster has not.
    Creates,
    /// The manifest says something else than the object in the cluster.
    Configures {
        /// Paths of the fields that change: `spec.replicas`.
        fields: Rc<[String]>,
    },
    /// The object shall go.
    Deletes {
        /// The grace period that was asked for; `None` leaves it to the object.
        grace_seconds: Option<i64>,
        /// `--force`
        is_forced: bool,
    },
    /// Another number of replicas.
    Scales {
        /// `spec.replicas` as it is.
        from: i32,
        /// `spec.replicas` as it shall be.
        to: i32,
    },
    /// Another image.
    SetsImage {
        /// The container; `*` is every one.
        container: Rc<str>,
        /// The image it shall have.
        image: Rc<str>,
    },
    /// Other environment variables.
    SetsEnvironment {
        /// The variables that are set or removed.
        names: Rc<[Rc<str>]>,
    },
    /// Other requests or limits.
    SetsResources {
        /// The resources they are of.
        resources: Rc<[Rc<str>]>,
    },
    /// Other fields.
    Patches {
        /// Their paths: `spec.replicas`.
        fields: Rc<[String]>,
    },
    /// A Service for the pods of an object.
    Exposes {
        /// The object.
        what: ObjectRef,
    },
    /// The template of an earlier revision.
    RollsBack {
        /// The revision that ReplicaSet has until now.
        to: i64,
        /// The ReplicaSet whose template it is.
        set: Rc<str>,
    },
    /// The object is made what the manifest says, whole.
    Replaces,
    /// The rollout shall stand still.
    Pauses,
    /// The rollout shall go on.
    Resumes,
    /// Every pod shall be replaced by its like.
    Restarts,
    /// No new pods on this node.
    Cordons,
    /// New pods on this node again.
    Uncordons,
    /// Other labels.
    Labels {
        /// The keys that are set or removed.
        keys: Rc<[Rc<str>]>,
    },
    /// Other annotations.
    Annotates {
        /// The keys that are set or removed.
        keys: Rc<[Rc<str>]>,
    },
    /// A pod shall go, if its disruption budget allows it.
    Evicts {
        /// The pod.
        pod: Rc<str>,
    },
    /// Other taints.
    Taints {
        /// The keys that are set or removed.
        keys: Rc<[Rc<str>]>,
    },
    /// Prints what came of the command.
    Reports,
    /// Waits for an object, but not for ever.
    WaitsAtMost,
}
