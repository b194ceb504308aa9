//! Where Kubernetes' own documentation describes what a component just did.

use kubestep_core::engine::Step;
use kubestep_core::why::{Kubectl, Why};
use yew::prelude::*;

use crate::stage::sprite::Icon;

/// A page of Kubernetes' documentation.
struct Page {
    title: &'static str,
    address: &'static str,
}

/// The link for a step.
pub(super) fn link(step: &Step) -> Html {
    let Page { title, address } = page(&step.why);
    html! {
        <a class="doc" href={address} target="_blank" rel="noreferrer">
            <Icon name="book" size={14} />
            <span>{ "Kubernetes docs: " }<u>{ title }</u></span>
            <Icon name="ext" size={12} />
        </a>
    }
}

const fn page(why: &Why) -> Page {
    match why {
        Why::Kubectl(
            Kubectl::Chose { .. } | Kubectl::HeldBack { .. } | Kubectl::Stops { .. } | Kubectl::Starts { .. },
        ) => Page {
            title: "Controllers",
            address: "https://kubernetes.io/docs/concepts/architecture/controller/",
        },
        Why::Kubectl(_) => {
            Page { title: "kubectl", address: "https://kubernetes.io/docs/reference/kubectl/" }
        }
        Why::ApiServer(_) => Page {
            title: "API concepts",
            address: "https://kubernetes.io/docs/reference/using-api/api-concepts/",
        },
        Why::Deployment(_) => Page {
            title: "Deployments, rolling update",
            address: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",
        },
        Why::ReplicaSet(_) => Page {
            title: "ReplicaSet",
            address: "https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/",
        },
        Why::DaemonSet(_) => Page {
            title: "DaemonSet",
            address: "https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/",
        },
        Why::Job(_) => {
            Page { title: "Jobs", address: "https://kubernetes.io/docs/concepts/workloads/controllers/job/" }
        }
        Why::Network(_) => Page {
            title: "Virtual IPs and Service Proxies",
            address: "https://kubernetes.io/docs/reference/networking/virtual-ips/",
        },
        Why::CronJob(_) => Page {
            title: "CronJob",
            address: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",
        },
        Why::StatefulSet(_) => Page {
            title: "StatefulSets",
            address: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/",
        },
        Why::EndpointSlice(_) => Page {
            title: "EndpointSlices",
            address: "https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/",
        },
        Why::Endpoints(_) => Page {
            title: "Endpoints",
            address: "https://kubernetes.io/docs/concepts/services-networking/service/#endpoints",
        },
        Why::GarbageCollector(_) => Page {
            title: "Garbage collection",
            address: "https://kubernetes.io/docs/concepts/architecture/garbage-collection/",
        },
        Why::ResourceQuota(_) => Page {
            title: "Resource quotas",
            address: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
        },
        Why::LoadBalancer(_) => Page {
            title: "Services of type LoadBalancer",
            address: "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
        },
        Why::Disruption(_) => Page {
            title: "Disruptions",
            address: "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/",
        },
        Why::NodeLifecycle(_) => {
            Page { title: "Nodes", address: "https://kubernetes.io/docs/concepts/architecture/nodes/" }
        }
        Why::Autoscaler(_) => Page {
            title: "Horizontal pod autoscaling",
            address: "https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
        },
        Why::NamespaceDeletion(_) => Page {
            title: "Namespaces",
            address: "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
        },
        Why::Volume(_) => Page {
            title: "Persistent volumes",
            address: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/",
        },
        Why::Scheduler(_) => Page {
            title: "Scheduler",
            address: "https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/",
        },
        Why::Kubelet(_) => Page {
            title: "Pod lifecycle",
            address: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
        },
        Why::Eviction(_) => Page {
            title: "Node-pressure eviction",
            address: "https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/",
        },
        Why::Proxy(_) => Page {
            title: "Virtual IPs and service proxies",
            address: "https://kubernetes.io/docs/reference/networking/virtual-ips/",
        },
    }
}
