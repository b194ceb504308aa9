//! Words for the facts of `why::kubelet`.

use super::{Detail, Text};
use crate::api::{Kind, ObjectRef};
use crate::engine::{Process, Step, What};
use crate::kubelet::{MachineChange, PodChange};
use crate::simulation::control_plane;
use crate::why::Kubelet;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Kubelet, step: &Step) -> Text {
    let pod = |text: Text| match pod_of(step) {
        Some(pod) => text.object(&pod),
        None => text.plain("the pod"),
    };
    let say = |words: &'static str| pod(Text::new().plain(words));
    let reports = |what: &str| say("Reports ").plain(format!(" {what}"));
    let container = |words: &'static str, name: &str| pod(Text::new().plain(words).plain(name).plain(" of "));
    let node = || match step.change() {
        Some(change) => Text::new().plain("Node ").object(&change.object),
        None => Text::new().plain("Its node"),
    };
    match fact {
        Kubelet::InSync => say("Finds ").plain(" as it should be."),
        Kubelet::PodAccepted { .. } => reports("Pending: its containers are about to be created."),
        Kubelet::PodRejected { resource, .. } => {
            say("Turns ").plain(" away: the node has too little ").plain(*resource).plain(" left.")
        }
        Kubelet::PodUnsuited { predicate } => {
            say("Turns ").plain(" away: this node fails its ").plain(*predicate).plain(".")
        }
        Kubelet::ReadyToStart => reports("ready to start containers: its sandbox is up."),
        Kubelet::StatusChanged { phase, ready, containers, .. } => reports(phase)
            .plain(", ")
            .number(ready)
            .plain(" of ")
            .number(containers)
            .plain(" containers ready."),
        Kubelet::StartDelayed { reason } => reports(reason).plain("."),
        Kubelet::DeletionSeen { grace_seconds, .. } => say("Reports that it has seen the deletion of ")
            .plain(", grace ")
            .number(grace_seconds)
            .plain(" s."),
        Kubelet::PodEnded { phase, .. } => reports(phase).plain(": nothing of it runs any more."),
        Kubelet::NothingLeft => say("Deletes ").plain(" with grace 0: nothing of it is left on the node."),
        Kubelet::DeadlineExceeded { seconds } => {
            say("Fails ").plain(": it was active for more than ").number(seconds).plain(" s.")
        }
        Kubelet::WaitsForBeat { wait_ms } => {
            say("Goes on with ").plain(" in ").number(wait_ms).plain(" ms, at its next beat.")
        }
        Kubelet::VolumeMissing { volume, problem, .. } => {
            say("Cannot mount ").plain(format!("'s volume {volume}: ")).plain(problem.clone()).plain(".")
        }
        Kubelet::WaitsForVolumes => say("Waits for the volumes of ").plain("."),
        Kubelet::EnvironmentMissing { container: name, problem } => {
            container("Cannot make ", name).plain(": ").plain(problem.clone()).plain(".")
        }
        Kubelet::ManifestRead { file, pod } => Text::new()
            .plain("Finds ")
            .plain(file.clone())
            .plain(" in its manifest directory: it runs ")
            .plain(pod.clone())
            .plain("."),
        Kubelet::ManifestUnreadable { file, .. } => {
            Text::new().plain("Passes over ").plain(file.clone()).plain(": it is not a pod it can run.")
        }
        Kubelet::ManifestRemoved { file } => Text::new()
            .plain("Finds ")
            .plain(file.clone())
            .plain(" gone from its manifest directory: its pod is to go."),
        Kubelet::NameTaken { pod } => {
            Text::new().plain("Waits with ").plain(pod.clone()).plain(": the one before it is not gone.")
        }
        Kubelet::MirrorMissing { .. } => say("Creates ").plain(": the mirror of a static pod."),
        Kubelet::MirrorOutdated { is_deleted: true, .. } => {
            say("Lets ").plain(" go: a mirror is deleted, and its pod runs on.")
        }
        Kubelet::MirrorOutdated { is_deleted: false, .. } => {
            say("Lets ").plain(" go: its file says something else now.")
        }
        Kubelet::ServerUnreachable => say("Cannot tell of ").plain(": the API server does not answer."),
        Kubelet::MirrorUnaware => Text::new().plain("Waits with the status of a static pod."),
        Kubelet::SandboxNeeded => say("Sets up a network namespace for ").plain("."),
        Kubelet::SandboxCreated { .. } => match machine_change(step) {
            Some(PodChange::SandboxUp { address }) => {
                say("Gives ").plain(" a network namespace with ").number(address).plain(".")
            }
            _ => say("Gives ").plain(" a network namespace."),
        },
        Kubelet::AddressesExhausted { addresses } => {
            say("Has no address for ").plain(": all ").number(addresses).plain(" are taken.")
        }
        Kubelet::SandboxRemoved { .. } => match machine_change(step) {
            Some(PodChange::SandboxGone { address }) => {
                say("Takes the sandbox of ").plain(" down: ").number(address).plain(" is free.")
            }
            _ => say("Takes the sandbox of ").plain(" down."),
        },
        Kubelet::PullNeeded { image, present, is_locked, ahead } => {
            let text = Text::new().plain("Pulls ").number(image).plain(": ");
            match (present, ahead) {
                (true, _) if *is_locked => text.plain("it was pulled with a password that the pod has not."),
                (_, 1..) => text.plain("after ").number(ahead).plain(" other pulls, one at a time."),
                (true, 0) => text.plain("its policy is Always."),
                (false, 0) => text.plain("it is not on the node."),
            }
        }
        Kubelet::ImagePresent { image } => Text::new().plain("Has ").number(image).plain(" on the node."),
        Kubelet::PullEnded { image, success: true, took_ms, .. } => {
            Text::new().plain("Has pulled ").number(image).plain(" in ").number(took_ms).plain(" ms.")
        }
        Kubelet::PullEnded { image, is_denied: true, .. } => {
            Text::new().plain("Cannot pull ").number(image).plain(": the registry asks for a password.")
        }
        Kubelet::PullEnded { image, .. } => {
            Text::new().plain("Cannot pull ").number(image).plain(": the registry does not have it.")
        }
        Kubelet::PullFailed { image, delay_seconds } => Text::new()
            .plain("Failed to pull ")
            .number(image)
            .plain(": the next try is in ")
            .number(delay_seconds)
            .plain(" s."),
        Kubelet::PullBackOff { image, delay_seconds } => Text::new()
            .plain("Does not pull ")
            .number(image)
            .plain(" yet: the back-off is ")
            .number(delay_seconds)
            .plain(" s."),
        Kubelet::PullSecretsMissing { secrets } => {
            Text::new().plain("Misses the pull secrets ").number(secrets).plain(": tries without.")
        }
        Kubelet::ImageUnusable { image, .. } => Text::new().plain("Cannot use ").number(image).plain("."),
        Kubelet::ContainerCreated { container: name } => container("Creates ", name).plain("."),
        Kubelet::ContainerStarted { container: name, restarts: 0, .. } => {
            container("Has started ", name).plain(".")
        }
        Kubelet::ContainerStarted { container: name, restarts, .. } => {
            container("Has started ", name).plain(" again, restart ").number(restarts).plain(".")
        }
        Kubelet::Listens { container: name, .. } => container("Sees ", name)
            .plain(" answer on its ports")
            .plain(component(step, ": it is at work again.")),
        Kubelet::CrashBackOff { container: name, delay_seconds, .. } => {
            container("Holds ", name).plain(" back: the back-off is ").number(delay_seconds).plain(" s.")
        }
        Kubelet::Exited { container: name, code, .. } => container("Sees ", name)
            .plain(" end by itself with ")
            .number(code)
            .plain(component(step, ": nobody does its work now.")),
        Kubelet::OutOfMemory { container: name, .. } => {
            container("Sees ", name).plain(" killed by the kernel: it used more memory than its limit.")
        }
        Kubelet::DefinitionChanged { container: name } => {
            container("Replaces ", name).plain(": its image is another now.")
        }
        Kubelet::ProbeResult { container: name, probe, success, .. } => container("Finds ", name)
            .plain(match (*probe, success) {
                ("Readiness", true) => " ready: ",
                ("Readiness", false) => " not ready: ",
                (_, true) => " started: ",
                (_, false) => " at fault: ",
            })
            .plain(probe.to_ascii_lowercase())
            .plain(if *success { " probe succeeds." } else { " probe fails." }),
        Kubelet::ProbeFailed { container: name, probe, times, threshold } => container("Sees ", name)
            .plain(format!(" fail its {} probe ", probe.to_ascii_lowercase()))
            .number(times)
            .plain(" of ")
            .number(threshold)
            .plain(" times."),
        Kubelet::Stopping { container: name, grace_seconds } => {
            container("Stops ", name).plain(", grace ").number(grace_seconds).plain(" s.")
        }
        Kubelet::HookRuns { container: name, .. } => {
            container("Runs the preStop hook of ", name).plain(" before SIGTERM.")
        }
        Kubelet::PostStartRuns { container: name, .. } => {
            container("Runs the postStart hook of ", name).plain(" and waits for it.")
        }
        Kubelet::PostStartEnded { container: name } => {
            container("Sees the postStart hook of ", name).plain(" end.")
        }
        Kubelet::HookEnded { container: name } => container("Sees the preStop hook of ", name).plain(" end."),
        Kubelet::Terminated { container: name, kill_in_seconds, .. } => container("Sends SIGTERM to ", name)
            .plain(": SIGKILL follows in ")
            .number(kill_in_seconds)
            .plain(" s."),
        Kubelet::EndedAfterSignal { container: name, code, .. } => container("Sees ", name)
            .plain(" end with ")
            .number(code)
            .plain(" after SIGTERM")
            .plain(component(step, ": nobody does its work now.")),
        Kubelet::Killed { container: name, after_ms } => container("Sends SIGKILL to ", name)
            .plain(": ")
            .number(after_ms / 1000)
            .plain(" s after SIGTERM."),
        Kubelet::EndedByKill { container: name, code } => {
            container("Sees ", name).plain(" end with ").number(code).plain(": 128 + SIGKILL.")
        }
        Kubelet::Evicted { is_over: true } => reports("Failed, reason Evicted: nothing of it runs any more."),
        Kubelet::Evicted { is_over: false } => reports("not ready: it is being evicted."),
        Kubelet::TurnedAway { condition } => {
            say("Turns ").plain(" away: the node has ").plain(*condition).plain(".")
        }
        Kubelet::RegistersNode => node().plain(" joins the cluster."),
        Kubelet::ReportsNode { status } => node().plain(" reports Ready ").number(status).plain("."),
        Kubelet::RunsByHand { .. } => say("Runs ").plain(" at once; when it is ready is decided by hand."),
        Kubelet::ByHand => say("Follows what was decided for ").plain("."),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Kubelet, _step: &Step) -> Detail {
    let start = || Detail::new("What starts", "SyncPod");
    let stop = || Detail::new("What stops", "SyncTerminatingPod");
    let image = || Detail::new("The image", "EnsureImageExists");
    let probes = || Detail::new("The probe", "worker.doProbe");
    match fact {
        Kubelet::RegistersNode => Detail::default(),
        Kubelet::ReportsNode { status } => {
            Detail::new("The node", "setNodeReadyCondition").row("Ready", "status.conditions", status)
        }
        Kubelet::Evicted { .. } | Kubelet::TurnedAway { .. } => Detail::default(),
        Kubelet::InSync
        | Kubelet::ReadyToStart
        | Kubelet::NothingLeft
        | Kubelet::SandboxNeeded
        | Kubelet::MirrorUnaware
        | Kubelet::ServerUnreachable
        | Kubelet::WaitsForVolumes
        | Kubelet::StartDelayed { .. }
        | Kubelet::ContainerCreated { .. }
        | Kubelet::DefinitionChanged { .. }
        | Kubelet::HookEnded { .. }
        | Kubelet::PostStartEnded { .. }
        | Kubelet::ImagePresent { .. }
        | Kubelet::PullSecretsMissing { .. }
        | Kubelet::ImageUnusable { .. }
        | Kubelet::ByHand => Detail::default(),
        Kubelet::WaitsForBeat { wait_ms } => Detail::new("The wait", "syncLoop").row(
            "until its next beat",
            "one a second",
            format!("{wait_ms} ms"),
        ),
        Kubelet::VolumeMissing { volume, problem, next_ms } => Detail::new("The volume", "MountVolume.SetUp")
            .row("volume", volume.clone(), problem)
            .row("next try", "500 ms, doubling up to 122 s", format!("in {next_ms} ms")),
        Kubelet::EnvironmentMissing { container, problem } => Detail::new(
            "The environment",
            "makeEnvironmentVariables",
        )
        .row("missing", container.clone(), problem),
        Kubelet::ManifestRead { file, pod } => {
            Detail::new("The manifest", "extractFromFile").row("pod", file.clone(), pod)
        }
        Kubelet::ManifestUnreadable { file, problem } => {
            Detail::new("The manifest", "extractFromFile").row("problem", file.clone(), problem)
        }
        Kubelet::ManifestRemoved { file } => {
            Detail::new("The manifest", "listConfig").row("gone", "file", file)
        }
        Kubelet::NameTaken { pod } => {
            Detail::new("The wait", "allowStaticPodStart").row("name", "taken", pod)
        }
        Kubelet::MirrorMissing { file } => {
            Detail::new("The mirror", "CreateMirrorPod").row("of", "file", file)
        }
        Kubelet::MirrorOutdated { pod, is_deleted } => Detail::new("The mirror", "IsMirrorPodOf").row(
            "deleted",
            pod.clone(),
            if *is_deleted { "yes" } else { "no" },
        ),
        Kubelet::PodAccepted { containers } => start().row("containers", "of its spec", containers),
        Kubelet::PodRejected { resource, requested, used, capacity } => {
            Detail::new("Whether it fits", "generalFilter")
                .row(*resource, format!("{capacity} allocatable - {used} used"), capacity - used)
                .row("asked for", "by its containers", requested)
        }
        Kubelet::PodUnsuited { predicate } => {
            Detail::new("Whether it may run here", "generalFilter").row("fails", "predicate", predicate)
        }
        Kubelet::StatusChanged { phase, ready, containers, restarts } => {
            Detail::new("The status", "generateAPIPodStatus")
                .row("phase", "of its containers' states", phase)
                .row("ready", format!("of {containers} containers"), ready)
                .row("restarts", "of all containers", restarts)
        }
        Kubelet::DeletionSeen { generation, grace_seconds } => stop()
            .row("generation", "raised by the deletion", generation)
            .row("grace", "deletionGracePeriodSeconds", format!("{grace_seconds} s")),
        Kubelet::PodEnded { phase, succeeded, containers } => Detail::new("The phase", "getPhase")
            .row("ended with 0", format!("of {containers} containers"), succeeded)
            .row("phase", "Succeeded if all of them", phase),
        Kubelet::DeadlineExceeded { seconds } => {
            stop().row("deadline", "spec.activeDeadlineSeconds", format!("{seconds} s"))
        }
        Kubelet::SandboxCreated { took_ms } => {
            start().row("took", "network namespace", format!("{took_ms} ms"))
        }
        Kubelet::AddressesExhausted { addresses } => {
            start().row("addresses", format!("of {addresses} for pods"), 0)
        }
        Kubelet::SandboxRemoved { took_ms } => {
            stop().row("took", "network namespace and volumes", format!("{took_ms} ms"))
        }
        Kubelet::PullNeeded { image: name, present, is_locked, ahead } => image()
            .row(
                "on the node",
                name.clone(),
                match (present, is_locked) {
                    (true, true) => "for others",
                    (true, false) => "yes",
                    (false, _) => "no",
                },
            )
            .row("pulls ahead", "one at a time", ahead),
        Kubelet::PullEnded { image: name, took_ms, waited_ms, success, is_denied } => image()
            .row(
                "pulled",
                name.clone(),
                match (success, is_denied) {
                    (true, _) => "yes",
                    (false, true) => "denied",
                    (false, false) => "no",
                },
            )
            .row("took", "the pull itself", format!("{took_ms} ms"))
            .row("waited", "with the wait for its turn", format!("{waited_ms} ms")),
        Kubelet::PullFailed { delay_seconds, .. } => {
            image().row("next pull", "10 s, doubling up to 300 s", format!("in {delay_seconds} s"))
        }
        Kubelet::PullBackOff { delay_seconds, .. } => {
            image().row("back-off", "since the last pull failed", format!("{delay_seconds} s"))
        }
        Kubelet::ContainerStarted { took_ms, restarts, .. } => start()
            .row("took", "creating and starting", format!("{took_ms} ms"))
            .row("restarts", "instances before this one", restarts),
        Kubelet::Listens { after_ms, .. } => {
            start().row("answers", "after its start", format!("{after_ms} ms"))
        }
        Kubelet::CrashBackOff { delay_seconds, restarts, .. } => {
            Detail::new("The wait", "doBackOff").row("restarts", "so far", restarts).row(
                "back-off",
                "counted from the exit, 10 s doubling up to 300 s",
                format!("{delay_seconds} s"),
            )
        }
        Kubelet::Exited { code, ran_ms, .. } => Detail::new("How it ended", "PLEG")
            .row("exit code", "of the process", code)
            .row("ran", "from its start", format!("{ran_ms} ms")),
        Kubelet::OutOfMemory { used_bytes, limit_bytes, .. } => Detail::new("How it ended", "OOMKilled")
            .row("used", "by the process", format!("{used_bytes} bytes"))
            .row("limit", "resources.limits.memory", format!("{limit_bytes} bytes")),
        Kubelet::ProbeResult { times, threshold, .. } | Kubelet::ProbeFailed { times, threshold, .. } => {
            probes().row("in a row", format!("{threshold} count"), times)
        }
        Kubelet::Stopping { grace_seconds, .. } => {
            stop().row("grace", "terminationGracePeriodSeconds", format!("{grace_seconds} s"))
        }
        Kubelet::PostStartRuns { takes_ms, .. } => {
            start().row("hook", "postStart, beside the process", format!("{takes_ms} ms"))
        }
        Kubelet::HookRuns { takes_ms, grace_seconds, .. } => stop()
            .row("hook", format!("{takes_ms} ms"), "preStop")
            .row("at most", "the grace period", format!("{grace_seconds} s")),
        Kubelet::Terminated { grace_seconds, used_seconds, kill_in_seconds, .. } => stop()
            .row(
                "left",
                format!("{grace_seconds} s grace - {used_seconds} s used"),
                grace_seconds - used_seconds,
            )
            .row("SIGKILL", "what is left, at least 2 s", format!("in {kill_in_seconds} s")),
        Kubelet::EndedAfterSignal { code, after_ms, .. } => {
            stop().row("exit code", "of the process", code).row("after", "SIGTERM", format!("{after_ms} ms"))
        }
        Kubelet::Killed { after_ms, .. } => stop().row("after", "SIGTERM", format!("{after_ms} ms")),
        Kubelet::EndedByKill { code, .. } => stop().row("exit code", "128 + 9 of SIGKILL", code),
        Kubelet::RunsByHand { containers } => start().row("containers", "of its spec", containers),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Kubelet) -> &'static [&'static str] {
    match fact {
        Kubelet::InSync
        | Kubelet::ReadyToStart
        | Kubelet::NothingLeft
        | Kubelet::SandboxNeeded
        | Kubelet::ManifestRead { .. }
        | Kubelet::ManifestUnreadable { .. }
        | Kubelet::ManifestRemoved { .. }
        | Kubelet::NameTaken { .. }
        | Kubelet::MirrorMissing { .. }
        | Kubelet::MirrorOutdated { .. }
        | Kubelet::MirrorUnaware
        | Kubelet::ServerUnreachable
        | Kubelet::WaitsForBeat { .. }
        | Kubelet::SandboxCreated { .. }
        | Kubelet::SandboxRemoved { .. }
        | Kubelet::AddressesExhausted { .. }
        | Kubelet::RegistersNode
        | Kubelet::ReportsNode { .. }
        | Kubelet::RunsByHand { .. }
        | Kubelet::ByHand => &[],
        Kubelet::PodAccepted { .. } | Kubelet::ContainerCreated { .. } | Kubelet::ContainerStarted { .. } => {
            &["spec.containers"]
        }
        Kubelet::VolumeMissing { .. } | Kubelet::WaitsForVolumes => &["spec.volumes"],
        Kubelet::EnvironmentMissing { .. } => &["spec.containers[*].env", "spec.containers[*].envFrom"],
        Kubelet::PostStartRuns { .. } | Kubelet::PostStartEnded { .. } => {
            &["spec.containers[*].lifecycle.postStart"]
        }
        Kubelet::PodUnsuited { .. } => {
            &["spec.nodeName", "spec.nodeSelector", "spec.affinity", "spec.tolerations"]
        }
        Kubelet::PodRejected { .. } => &["spec.containers[*].resources.requests", "spec.nodeName"],
        Kubelet::StatusChanged { .. } => &["spec.containers[*].readinessProbe", "spec.containers"],
        Kubelet::StartDelayed { .. } => &["spec.containers[*].image", "spec.restartPolicy"],
        Kubelet::DeletionSeen { .. } => {
            &["metadata.deletionTimestamp", "metadata.deletionGracePeriodSeconds"]
        }
        Kubelet::PodEnded { .. } => &["spec.restartPolicy"],
        Kubelet::DeadlineExceeded { .. } => &["spec.activeDeadlineSeconds"],
        Kubelet::PullNeeded { .. } | Kubelet::ImagePresent { .. } => {
            &["spec.containers[*].image", "spec.containers[*].imagePullPolicy"]
        }
        Kubelet::PullSecretsMissing { .. } => &["spec.imagePullSecrets"],
        Kubelet::PullEnded { is_denied: true, .. } => &["spec.containers[*].image", "spec.imagePullSecrets"],
        Kubelet::PullEnded { .. }
        | Kubelet::PullFailed { .. }
        | Kubelet::PullBackOff { .. }
        | Kubelet::ImageUnusable { .. }
        | Kubelet::DefinitionChanged { .. } => &["spec.containers[*].image"],
        Kubelet::Listens { .. } => &["metadata.annotations", "spec.containers[*].ports"],
        Kubelet::Evicted { .. } => {
            &["spec.containers[*].resources.requests", "spec.priorityClassName", "metadata.annotations"]
        }
        Kubelet::TurnedAway { .. } => &["spec.containers[*].resources", "spec.tolerations"],
        Kubelet::OutOfMemory { .. } => &["spec.containers[*].resources.limits", "metadata.annotations"],
        Kubelet::CrashBackOff { .. } | Kubelet::Exited { .. } => {
            &["spec.restartPolicy", "metadata.annotations"]
        }
        Kubelet::ProbeResult { probe, .. } | Kubelet::ProbeFailed { probe, .. } => match *probe {
            "Readiness" => &["spec.containers[*].readinessProbe", "spec.containers[*].ports"],
            "Liveness" => &["spec.containers[*].livenessProbe", "spec.containers[*].ports"],
            _ => &["spec.containers[*].startupProbe", "spec.containers[*].ports"],
        },
        Kubelet::HookRuns { .. } | Kubelet::HookEnded { .. } => {
            &["spec.containers[*].lifecycle.preStop", "spec.terminationGracePeriodSeconds"]
        }
        Kubelet::Stopping { .. } | Kubelet::Terminated { .. } | Kubelet::Killed { .. } => {
            &["spec.terminationGracePeriodSeconds", "metadata.deletionGracePeriodSeconds"]
        }
        Kubelet::EndedAfterSignal { .. } | Kubelet::EndedByKill { .. } => &["metadata.annotations"],
    }
}

/// What an end or a start means where it is one of the control plane's own; a full stop otherwise.
fn component(step: &Step, meaning: &'static str) -> &'static str {
    let What::Machine(MachineChange::Pod { key, .. }) = &step.what else { return "." };
    let name = key.name.strip_suffix(control_plane::NODE).and_then(|name| name.strip_suffix('-'));
    let is_one = name.is_some_and(|name| name == "etcd" || Process::read(name).is_some());
    if is_one && &*key.namespace == "kube-system" { meaning } else { "." }
}

/// The pod that a step is about.
pub(super) fn pod_of(step: &Step) -> Option<ObjectRef> {
    if let What::Machine(MachineChange::Pod { key, .. }) = &step.what {
        return Some(ObjectRef::new(Kind::Pod, key.clone()));
    }
    step.change().map(|change| change.object.clone())
}

fn machine_change(step: &Step) -> Option<&PodChange> {
    match &step.what {
        What::Machine(MachineChange::Pod { what, .. }) => Some(what),
        _ => None,
    }
}
