//! The fields of `Simulation` and `Traffic` documents and the annotations under `sim.kubestep.dev/`: what each holds,
//! what it is where nobody writes it, and what it does. The editor shows this list; a test holds it against the readers.

use super::Latencies;
use crate::time::Duration;

/// A field of a document of ours, or an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `spec.latencies.pull`, or the annotation's name behind the slash.
    pub path: String,
    /// What it holds.
    pub holds: Holds,
    /// What it is where nobody writes it.
    pub default: Option<String>,
    /// What it does.
    pub words: &'static str,
}

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Fields of its own.
    Fields,
    /// A duration for each name.
    Times,
    /// For each image what its registry has of it.
    Images,
    /// A number.
    Number,
    /// `true` or `false`
    Flag,
    /// A name.
    Name,
    /// A duration: `250ms`.
    Time,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A duration, or this word.
    TimeOr(&'static str),
    /// Amounts of memory, each with its moment: `64Mi, 512Mi after 30s`.
    Amounts,
    /// Amounts of CPU, each with its moment: `100m, 900m after 30s`.
    Cores,
}

impl Holds {
    /// What this is called among people.
    pub const fn name(self) -> &'static str {
        match self {
            Holds::Fields => "fields",
            Holds::Times => "durations by name",
            Holds::Images => "fields by image",
            Holds::Number => "number",
            Holds::Flag => "true or false",
            Holds::Name => "name",
            Holds::Time => "duration",
            Holds::OneOf(_) => "text",
            Holds::TimeOr(_) => "duration or text",
            Holds::Amounts | Holds::Cores => "amounts over time",
        }
    }
}

/// The latencies by name: what takes the time.
const LATENCIES: [(&str, &str); 15] = [
    (
        "watch",
        "How long news of a write takes to whoever watches: every decision is made by what has arrived.",
    ),
    ("request", "From sending a request to the API server's answer."),
    ("controller", "From an object entering a controller's queue to the look at it."),
    ("scheduler", "From a pod entering the scheduler's queue to the look at it."),
    ("kubelet", "From news of a pod to its kubelet's look at it."),
    ("proxy", "From news of endpoints to a node's changed rules: until then packets go to the old ones."),
    ("proxyMinimum", "The shortest time between two changes of one node's rules."),
    ("sandbox", "Setting up a pod's network namespace."),
    ("pull", "Pulling an image that a node has not."),
    ("start", "Creating and starting a container."),
    ("ready", "From a container's start to its ports answering, where its pod does not say."),
    ("exit", "From SIGTERM to the end of a container, where its pod does not say."),
    (
        "work",
        "How long a container works that has an end: an init container, or one without ports in a pod that is not restarted always. Then it ends with 0, where its pod does not say.",
    ),
    ("cleanup", "Taking a pod's network namespace and volumes down."),
    ("resync", "The longest wait between two tries of a pod that does not start."),
];

/// The fields of a document of this kind; none for kinds that are not ours.
pub fn settings(kind: &str) -> Vec<Setting> {
    let field = |path: &str, holds, default: Option<&str>, words| Setting {
        path: path.to_owned(),
        holds,
        default: default.map(str::to_owned),
        words,
    };
    let named = || field("metadata.name", Holds::Name, None, "What the document is called.");
    match kind {
        "Simulation" => {
            let mut all = vec![
                field("metadata", Holds::Fields, None, "What the document is called; it may be left out."),
                named(),
                field("spec", Holds::Fields, None, "How the cluster behaves. What is left out is as usual."),
                field(
                    "spec.seed",
                    Holds::Number,
                    Some("32570"),
                    "What every random choice follows from: names, addresses, which of two nodes. The same seed gives the same steps.",
                ),
                field(
                    "spec.kubelets",
                    Holds::OneOf(&["Automatic", "Manual", "Held"]),
                    Some("Automatic"),
                    "Who decides what containers do. Automatic: they start, become ready and stop by themselves. Manual: bound pods run at once and everything after waits for a command. Held: nothing is started either.",
                ),
                field(
                    "spec.controllers",
                    Holds::Flag,
                    Some("true"),
                    "Whether the controller manager runs. Without it nothing that is wanted is made so.",
                ),
                field(
                    "spec.apiService",
                    Holds::OneOf(&["None", "Alone", "Complete"]),
                    Some("Complete"),
                    "Whether the Service kubernetes is there from the start: not at all, without endpoints, or with them.",
                ),
                field(
                    "spec.defaultStorageClass",
                    Holds::OneOf(&["None", "Immediate", "WaitForFirstConsumer"]),
                    Some("None"),
                    "Which storage class there is from the start, by when it makes a volume: as soon as it is claimed, or once a pod that uses it has a node.",
                ),
                field(
                    "spec.loadBalancers",
                    Holds::OneOf(&["None", "Cloud"]),
                    Some("None"),
                    "Who makes load balancers for Services of that type. None: their addresses stay pending, as in a cluster without a cloud. Cloud: they get one, 203.0.113.x, after three seconds.",
                ),
                field(
                    "spec.metricsServer",
                    Holds::Flag,
                    Some("false"),
                    "Whether there is a metrics server, which kubectl top and HorizontalPodAutoscalers ask. There is one anyway as long as a pod says in its annotation cpu how much CPU it uses.",
                ),
                field(
                    "spec.controlPlane",
                    Holds::OneOf(&["Hosted", "StaticPods"]),
                    Some("Hosted"),
                    "Where the control plane runs: outside of the cluster, or as static pods of a node of its own, where stopping a pod stops its part.",
                ),
                field(
                    "spec.unknownKinds",
                    Holds::OneOf(&["Refuse", "Keep"]),
                    Some("Refuse"),
                    "What happens to objects of kinds that the API server has not: refused as by any cluster, or kept and shown, though nothing acts on them.",
                ),
                field(
                    "spec.proxyMode",
                    Holds::OneOf(&["iptables", "nftables", "ipvs"]),
                    Some("iptables"),
                    "How a node chooses among the endpoints of a Service: by lot (iptables, nftables), or each in its turn (ipvs).",
                ),
                field(
                    "spec.proxies",
                    Holds::Times,
                    None,
                    "Nodes whose kube-proxy takes another time than latencies.proxy: a slow one keeps sending packets to pods that are gone.",
                ),
                field(
                    "spec.images",
                    Holds::Images,
                    None,
                    "What registries have of images: {pull: 8s} takes that long to pull, {missing: true} does not exist, {private: true} is only for pods with a pull secret for it. NAME:TAG is one image, NAME every tag of it, shop.example.com/* everything there, * everything. A tag called missing does not exist anyway.",
                ),
                field("spec.latencies", Holds::Fields, None, "How long things take, in virtual time."),
            ];
            all.extend(LATENCIES.map(|(name, words)| Setting {
                path: format!("spec.latencies.{name}"),
                holds: Holds::Time,
                default: Latencies::default().named(name).map(|time| written(*time)),
                words,
            }));
            all
        }
        "Traffic" => vec![
            field("metadata", Holds::Fields, None, "What the client is called."),
            named(),
            field("spec", Holds::Fields, None, "Who sends requests, and to what."),
            field(
                "spec.service",
                Holds::Name,
                None,
                "The Service that the requests are for, by its name or DNS name.",
            ),
            field("spec.host", Holds::Name, None, "The same as service: a name to be looked up."),
            field(
                "spec.namespace",
                Holds::Name,
                Some("default"),
                "Where the client runs, and short names are looked up.",
            ),
            field(
                "spec.port",
                Holds::Number,
                None,
                "The Service's port; its first one where this is left out.",
            ),
            field(
                "spec.protocol",
                Holds::OneOf(&["TCP", "UDP"]),
                Some("TCP"),
                "What it speaks: a Service may have a port of each with the same number.",
            ),
            field(
                "spec.requestsPerSecond",
                Holds::Number,
                Some("10"),
                "How many requests it sends in a second, each in its time, whether those before have been answered or not. It waits a minute for an answer, then the request has timed out.",
            ),
            field(
                "spec.after",
                Holds::Time,
                Some("0s"),
                "How long it waits before its first request, from when its host's name has an address.",
            ),
            field(
                "spec.keepAlive",
                Holds::Flag,
                Some("false"),
                "Whether a connection is kept for further requests: such a client stays with one pod, until its container stops listening or ends. A request that is sent while another one waits for its answer has a connection of its own.",
            ),
            field(
                "spec.cacheDns",
                Holds::Flag,
                Some("false"),
                "Whether an answer of DNS is kept for the 30 seconds that it is good for.",
            ),
            field(
                "spec.from",
                Holds::Name,
                Some("Anywhere"),
                "Where the requests come from: Anywhere, Outside, the name of a node, whose kube-proxy then decides, or pods: pod/web-0, deploy/web.",
            ),
        ],
        _ => Vec::new(),
    }
}

/// `900ms`, `1s`
fn written(time: Duration) -> String {
    let milliseconds = time.as_millis();
    if milliseconds.is_multiple_of(1000) {
        format!("{}s", milliseconds / 1000)
    } else {
        format!("{milliseconds}ms")
    }
}

/// The annotations of a pod that say what its containers do; `NAME.CONTAINER` is for one container alone.
pub fn behaviours() -> Vec<Setting> {
    let annotation = |name: &str, holds, default: Option<&str>, words| Setting {
        path: name.to_owned(),
        holds,
        default: default.map(str::to_owned),
        words,
    };
    vec![
        annotation(
            "start-up",
            Holds::Time,
            Some("800ms"),
            "From the container's start until its ports answer.",
        ),
        annotation(
            "ready-after",
            Holds::Time,
            None,
            "From the container's start until its readiness probes may succeed; as long as start-up where it is left out.",
        ),
        annotation(
            "response-time",
            Holds::Time,
            Some("0s"),
            "From a request to its answer. A container that ends before has lost the request: its connection is reset. Probes that ask for an answer (httpGet, grpc, exec) fail where their timeoutSeconds are over before.",
        ),
        annotation(
            "on-sigterm",
            Holds::TimeOr("ignore"),
            Some("600ms"),
            "How long the container takes to end once it is asked to, or ignore: then it runs until it is killed. Asked to end, it takes no further requests, and answers those that it can until then.",
        ),
        annotation(
            "exit-after",
            Holds::Time,
            None,
            "From the container's start until it ends by itself. Its command is understood where it consists of sleep, exit, true, false and echo, in a shell or not; one that works to its end does so without being told (latencies.work).",
        ),
        annotation(
            "exit-code",
            Holds::Number,
            Some("0"),
            "The code that it ends with by itself, 0 to 255, in quotes. Anything but 0 is a failure.",
        ),
        annotation(
            "cpu",
            Holds::Cores,
            None,
            "What it uses over time: 100m, 900m after 30s. It is throttled to its container's limit, and never killed for it. As long as a pod says this the cluster has a metrics server: kubectl top shows it, and HorizontalPodAutoscalers scale by it. One that does not say uses 1m.",
        ),
        annotation(
            "memory",
            Holds::Amounts,
            None,
            "What it uses over time: 64Mi, 512Mi after 30s. Above its container's limit it is killed. Where a node has less than 100Mi left, pods are evicted; one that does not say uses 16Mi.",
        ),
        annotation(
            "disk",
            Holds::Amounts,
            None,
            "What it has written over time, but not into volumes: 1Gi, 90Gi after 1m. A pod that writes more than its limits of ephemeral-storage is evicted. Where a node has less than 15 % of its disk left, unused images go, then pods are evicted.",
        ),
        annotation(
            "inodes",
            Holds::Amounts,
            None,
            "How many files it has made over time: 100, 6M after 1m. A node has one inode for every 16 KiB of its disk; where less than 5 % are left, unused images go, then pods are evicted.",
        ),
        annotation(
            "pids",
            Holds::Amounts,
            None,
            "How many processes it has over time: 1, 30k after 1m. A node has numbers for 32768; where less than 10 % are left, pods are evicted, as by kubelets that are told so: by itself none watches them. A container that does not say has one.",
        ),
        annotation(
            "volume",
            Holds::Amounts,
            None,
            "What is in an emptyDir volume, from when the pod was set up on: volume.NAME is about the volume NAME, volume about every one. Above its sizeLimit the pod is evicted, once its kubelet has measured it, which it does once a minute. One with medium: Memory takes memory, and is full at its sizeLimit.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::read;

    /// A value of the kind that a setting holds.
    fn example(setting: &Setting) -> Option<String> {
        Some(match setting.holds {
            Holds::Fields => return None,
            Holds::Times => "{node-1: 1s}".to_owned(),
            Holds::Images => "{nginx:1: {pull: 8s}}".to_owned(),
            Holds::Number => "1".to_owned(),
            Holds::Flag => "true".to_owned(),
            Holds::Name => "web".to_owned(),
            Holds::Time => "1s".to_owned(),
            Holds::OneOf(words) => words.last()?.to_string(),
            Holds::TimeOr(word) => word.to_owned(),
            Holds::Amounts => "64Mi, 512Mi after 30s".to_owned(),
            Holds::Cores => "100m, 900m after 30s".to_owned(),
        })
    }

    #[test]
    fn every_listed_field_is_one_that_is_read() {
        for kind in ["Simulation", "Traffic"] {
            for setting in settings(kind) {
                let Some(value) = example(&setting) else { continue };
                let mut text = format!("apiVersion: kubestep.dev/v1alpha1\nkind: {kind}\n");
                for (depth, part) in setting.path.split('.').enumerate() {
                    text += &format!("{}{part}:\n", "  ".repeat(depth));
                }
                let text = format!("{} {value}\n", text.trim_end());
                let unknown = read(&text)
                    .diagnostics
                    .into_iter()
                    .find(|found| !found.message.contains("needs a service"));
                assert_eq!(unknown, None, "{text}");
            }
        }
        for setting in behaviours() {
            let value = example(&setting).unwrap();
            let text = format!(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    sim.kubestep.dev/{}: \"{value}\"\nspec: \
                 {{containers: [{{name: a, image: a}}]}}\n",
                setting.path
            );
            assert_eq!(read(&text).diagnostics, [], "{text}");
        }
    }

    #[test]
    fn what_is_said_to_be_usual_is() {
        let simulation = crate::simulation::Simulation::default();
        let said = |kind: &str, path: &str| {
            settings(kind).into_iter().find(|each| each.path == path).unwrap().default
        };
        assert_eq!(said("Simulation", "spec.seed"), Some(simulation.seed.to_string()));
        let behaviour = |name: &str| behaviours().into_iter().find(|each| each.path == name).unwrap().default;
        assert_eq!(behaviour("start-up"), Some(written(simulation.latencies.ready)));
        assert_eq!(behaviour("on-sigterm"), Some(written(simulation.latencies.exit)));
    }
}
