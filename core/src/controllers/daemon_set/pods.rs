//! The pods of a DaemonSet: each asks for one node and tolerates what befalls nodes. Upstream:
//! `pkg/controller/daemon/util/daemonset_util.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::look::Revision;
use crate::api::{DaemonSet, Key, Kind, Meta, Pod, PodDesired, PodTemplate, Resource, Uid};
use crate::controllers::{claim, history};

/// The label by which clients of old tell the pods of different templates apart.
pub(super) const GENERATION_LABEL: &str = "pod-template-generation";
/// The taints that daemons tolerate, with their effects: a node in trouble keeps them.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];
/// Tolerated too by daemons that use their node's own network.
const NETWORK: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");

/// The tolerations of a pod with this spec. Upstream: `AddOrUpdateDaemonPodTolerations`.
pub(super) fn tolerations(spec: &core::PodSpec) -> Vec<core::Toleration> {
    let mut tolerations = spec.tolerations.clone().unwrap_or_default();
    let network = (spec.host_network == Some(true)).then_some(NETWORK);
    for (key, effect) in TOLERATED.into_iter().chain(network) {
        let toleration = core::Toleration {
            key: Some(key.to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some(effect.to_owned()),
            ..core::Toleration::default()
        };
        let same = tolerations.iter_mut().find(|known| {
            (&known.key, &known.effect, &known.operator)
                == (&toleration.key, &toleration.effect, &toleration.operator)
        });
        match same {
            Some(known) => *known = toleration,
            None => tolerations.push(toleration),
        }
    }
    tolerations
}

/// What all pods of a look share.
pub(super) struct Maker<'a> {
    set: &'a DaemonSet,
    template: PodTemplate,
}

impl<'a> Maker<'a> {
    pub(super) fn new(set: &'a DaemonSet, revision: &Revision) -> Maker<'a> {
        let mut template = PodTemplate::from_api(&set.spec.template);
        let labels = Rc::make_mut(&mut template.labels);
        if let Some(generation) = set.template_generation() {
            labels.insert(GENERATION_LABEL.to_owned(), generation.to_string());
        }
        labels.insert(history::POD_LABEL.to_owned(), revision.hash.clone());
        let spec = Rc::make_mut(&mut template.spec);
        spec.tolerations = Some(tolerations(spec));
        Maker { set, template }
    }

    /// The pod of a node.
    pub(super) fn pod(&self, node: &str) -> Pod {
        let meta = Meta {
            labels: self.template.labels.clone(),
            annotations: self.template.annotations.clone(),
            owners: claim::sole_owner(Kind::DaemonSet, self.set),
            finalizers: self.template.finalizers.clone(),
            generate_name: Some(format!("{}-", self.set.name()).into()),
            ..Meta::default()
        };
        let mut spec = (*self.template.spec).clone();
        let named = spec.node_name.take().filter(|name| !name.is_empty());
        ask_for(&mut spec, node);
        Resource {
            key: Key { namespace: self.set.key.namespace.clone(), name: "".into() },
            uid: Uid::default(),
            resource_version: 0,
            meta: Rc::new(meta),
            spec: PodDesired { spec: Rc::new(spec), node: named.map(Into::into) },
            status: Rc::<core::PodStatus>::default(),
        }
    }
}

/// Replaces what the template requires of nodes: it was checked already.
fn ask_for(spec: &mut core::PodSpec, node: &str) {
    let field = core::NodeSelectorRequirement {
        key: "metadata.name".to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.to_owned()]),
    };
    let term = core::NodeSelectorTerm { match_fields: Some(vec![field]), match_expressions: None };
    let affinity = spec.affinity.get_or_insert_default().node_affinity.get_or_insert_default();
    affinity.required_during_scheduling_ignored_during_execution =
        Some(core::NodeSelector { node_selector_terms: vec![term] });
}

/// The node that a pod is bound to or asks for. Upstream: `GetTargetNodeName`.
pub fn node_of(pod: &Pod) -> Option<&str> {
    if let Some(node) = pod.node() {
        return Some(node);
    }
    let affinity = pod.spec.spec.affinity.as_ref()?.node_affinity.as_ref()?;
    let required = affinity.required_during_scheduling_ignored_during_execution.as_ref()?;
    let fields = required.node_selector_terms.iter().flat_map(|term| term.match_fields.iter().flatten());
    let mut named = fields.filter(|field| field.key == "metadata.name" && field.operator == "In");
    named.find_map(|field| field.values.as_deref()?.first().map(String::as_str))
}
