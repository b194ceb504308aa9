//! Facts of the kubelets and the containers they run. Upstream: `pkg/kubelet`.

use std::rc::Rc;

/// Why a kubelet does something, or nothing; and what happens to its containers by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Kubelet {
    /// The pod runs as it should, and the API says so.
    InSync,

    // What it reports.
    /// The pod was bound to this node: its containers are about to be created.
    PodAccepted {
        /// How many containers it has, init containers included.
        containers: usize,
    },
    /// The node has too little left for the pod.
    PodRejected {
        /// `cpu`, `memory`, `pods`
        resource: &'static str,
        /// What the pod asks for: thousandths of a core, bytes, pods.
        requested: i64,
        /// What the node's other pods have asked for.
        used: i64,
        /// What the node can give.
        capacity: i64,
    },
    /// The node is not one that the pod may run on.
    PodUnsuited {
        /// What it fails: `NodeAffinity`, `NodePorts`, `TaintToleration`, …
        predicate: &'static str,
    },
    /// The sandbox is up: containers may be started.
    ReadyToStart,
    /// What runs differs from what was reported.
    StatusChanged {
        /// The phase reported.
        phase: &'static str,
        /// Ready containers.
        ready: usize,
        /// Containers that should be ready.
        containers: usize,
        /// Restarts of them all.
        restarts: u32,
    },
    /// A container waits for its back-off to end, or has waited.
    StartDelayed {
        /// `CrashLoopBackOff`, `ErrImagePull`, …
        reason: &'static str,
    },
    /// The object is being deleted: the kubelet has seen that.
    DeletionSeen {
        /// The object's generation, which its deletion raised.
        generation: i64,
        /// `metadata.deletionGracePeriodSeconds`
        grace_seconds: i64,
    },
    /// Everything has ended.
    PodEnded {
        /// `Succeeded` or `Failed`.
        phase: &'static str,
        /// Containers that ended with 0.
        succeeded: usize,
        /// Containers that were to run.
        containers: usize,
    },
    /// Nothing of the pod is left on the node: its object may go.
    NothingLeft,
    /// What comes next for it comes at the kubelet's next beat.
    WaitsForBeat {
        /// How long until then.
        wait_ms: u64,
    },
    /// It ran longer than `spec.activeDeadlineSeconds`.
    DeadlineExceeded {
        /// The deadline.
        seconds: i64,
    },

    // Static pods.
    /// A file of the manifest directory is a pod.
    ManifestRead {
        /// The file.
        file: Rc<str>,
        /// The pod.
        pod: Rc<str>,
    },
    /// A file of the manifest directory is none.
    ManifestUnreadable {
        /// The file.
        file: Rc<str>,
        /// What is wrong with it.
        problem: Rc<str>,
    },
    /// A file is gone from the manifest directory.
    ManifestRemoved {
        /// The file.
        file: Rc<str>,
    },
    /// Another static pod of that name has yet to go.
    NameTaken {
        /// The name.
        pod: Rc<str>,
    },
    /// The API has no mirror of a static pod.
    MirrorMissing {
        /// The pod's file.
        file: Rc<str>,
    },
    /// The mirror is deleted, or of a pod that is no more.
    MirrorOutdated {
        /// Its name.
        pod: Rc<str>,
        /// Whether somebody deleted it.
        is_deleted: bool,
    },
    /// A new mirror has yet to hear of the status.
    MirrorUnaware,

    /// The API server does not answer: the kubelet goes on, and tells of it later.
    ServerUnreachable,

    // The sandbox.
    /// A pod needs a network namespace before anything else.
    SandboxNeeded,
    /// The network namespace is set up.
    SandboxCreated {
        /// How long that took.
        took_ms: u64,
    },
    /// The node has no address left.
    AddressesExhausted {
        /// How many it has.
        addresses: usize,
    },
    /// Network namespace and volumes are gone.
    SandboxRemoved {
        /// How long that took.
        took_ms: u64,
    },

    // Volumes and environment.
    /// A volume cannot be mounted.
    VolumeMissing {
        /// Its name in the manifest.
        volume: Rc<str>,
        /// What is missing: `configmap "config" not found`.
        problem: Rc<str>,
        /// How long the next try waits.
        next_ms: u64,
    },
    /// Volumes are not mounted yet, and the next try is not due.
    WaitsForVolumes,
    /// Something that a container's environment is made of is missing.
    EnvironmentMissing {
        /// The container.
        container: Rc<str>,
        /// What is missing: `configmap "config" not found`.
        problem: Rc<str>,
    },

    // Images.
    /// The image has to be pulled.
    PullNeeded {
        /// Its name in the manifest.
        image: Rc<str>,
        /// Whether it is on the node already, and is pulled all the same.
        present: bool,
        /// Whether it is on the node, but only for pods with a password that this one has not.
        is_locked: bool,
        /// Pulls that come before this one.
        ahead: usize,
    },
    /// The image is on the node.
    ImagePresent {
        /// Its name in the manifest.
        image: Rc<str>,
    },
    /// A pull has ended.
    PullEnded {
        /// Its name in the manifest.
        image: Rc<str>,
        /// Whether the image is on the node now.
        success: bool,
        /// Whether its registry asked for a password that the pod has not.
        is_denied: bool,
        /// How long the pull took.
        took_ms: u64,
        /// How long with the wait for its turn.
        waited_ms: u64,
    },
    /// The registry refused.
    PullFailed {
        /// Its name in the manifest.
        image: Rc<str>,
        /// How long the next pull waits.
        delay_seconds: u64,
    },
    /// A failed pull is not tried again yet.
    PullBackOff {
        /// Its name in the manifest.
        image: Rc<str>,
        /// How long it waits.
        delay_seconds: u64,
    },
    /// Secrets with passwords for registries are not there.
    PullSecretsMissing {
        /// Their names: `shop, hub`
        secrets: Rc<str>,
    },
    /// No registry can be asked for this.
    ImageUnusable {
        /// `InvalidImageName` or `ErrImageNeverPull`.
        reason: &'static str,
        /// Its name in the manifest.
        image: Rc<str>,
    },

    // Containers.
    /// Its turn has come: what it needs is there.
    ContainerCreated {
        /// The container.
        container: Rc<str>,
    },
    /// Its process runs.
    ContainerStarted {
        /// The container.
        container: Rc<str>,
        /// How long creating and starting took.
        took_ms: u64,
        /// How often it was started before.
        restarts: u32,
    },
    /// Its postStart hook runs beside it.
    PostStartRuns {
        /// The container.
        container: Rc<str>,
        /// How long the hook takes.
        takes_ms: u64,
    },
    /// Its postStart hook is over.
    PostStartEnded {
        /// The container.
        container: Rc<str>,
    },
    /// Its process answers on its ports.
    Listens {
        /// The container.
        container: Rc<str>,
        /// How long after its start.
        after_ms: u64,
    },
    /// It ended too soon to be started again at once.
    CrashBackOff {
        /// The container.
        container: Rc<str>,
        /// How long it waits from its exit.
        delay_seconds: u64,
        /// How often it was started again.
        restarts: u32,
    },
    /// Its process ended by itself.
    Exited {
        /// The container.
        container: Rc<str>,
        /// Its exit code.
        code: i32,
        /// How long it ran.
        ran_ms: u64,
    },
    /// Its process used more memory than it may, and the node's kernel killed it.
    OutOfMemory {
        /// The container.
        container: Rc<str>,
        /// What it used.
        used_bytes: i64,
        /// `resources.limits.memory`
        limit_bytes: i64,
    },
    /// Its image in the manifest is another now.
    DefinitionChanged {
        /// The container.
        container: Rc<str>,
    },

    // Probes.
    /// A probe's result has changed.
    ProbeResult {
        /// The container.
        container: Rc<str>,
        /// `Readiness`, `Liveness`, `Startup`
        probe: &'static str,
        /// The result.
        success: bool,
        /// Equal outcomes in a row.
        times: u32,
        /// How many it takes.
        threshold: u32,
    },
    /// A probe failed.
    ProbeFailed {
        /// The container.
        container: Rc<str>,
        /// `Readiness`, `Liveness`, `Startup`
        probe: &'static str,
        /// Failures in a row.
        times: u32,
        /// How many count.
        threshold: u32,
    },

    // The end.
    /// The container is stopped.
    Stopping {
        /// The container.
        container: Rc<str>,
        /// How long it has.
        grace_seconds: i64,
    },
    /// Its preStop hook runs first.
    HookRuns {
        /// The container.
        container: Rc<str>,
        /// How long the hook takes.
        takes_ms: u64,
        /// How long it may take.
        grace_seconds: i64,
    },
    /// Its preStop hook is over.
    HookEnded {
        /// The container.
        container: Rc<str>,
    },
    /// It is asked to end.
    Terminated {
        /// The container.
        container: Rc<str>,
        /// The grace period.
        grace_seconds: i64,
        /// What hooks and waiting took of it.
        used_seconds: i64,
        /// After how long SIGKILL follows: what is left, at least 2 s.
        kill_in_seconds: i64,
    },
    /// It ended after SIGTERM.
    EndedAfterSignal {
        /// The container.
        container: Rc<str>,
        /// Its exit code.
        code: i32,
        /// How long after the signal.
        after_ms: u64,
    },
    /// It did not end in time.
    Killed {
        /// The container.
        container: Rc<str>,
        /// How long it had.
        after_ms: u64,
    },
    /// SIGKILL ended it.
    EndedByKill {
        /// The container.
        container: Rc<str>,
        /// Its exit code.
        code: i32,
    },

    // The node itself.
    /// A new machine joins the cluster.
    RegistersNode,
    /// The state of the node changed.
    ReportsNode {
        /// Of the Ready condition.
        status: std::rc::Rc<str>,
    },

    /// It is evicted.
    Evicted {
        /// Whether everything of it has ended.
        is_over: bool,
    },
    /// The node is short of something, and takes no such pod on.
    TurnedAway {
        /// `MemoryPressure`, `DiskPressure`, `PIDPressure`
        condition: &'static str,
    },

    // What a person does by hand.
    /// Kubelets decide nothing here: the pod runs at once and is not ready.
    RunsByHand {
        /// How many containers run.
        containers: usize,
    },
    /// A person decided it.
    ByHand,
}
