//! What the stage shows of a world, at rest and on the way from one step to the next. Pure: no browser here.

pub mod anatomy;
pub mod beats;
pub mod cells;
pub mod chart;
pub mod close_up;
pub mod detail;
pub mod easing;
pub mod figures;
pub mod geometry;
pub mod layout;
pub mod network;
pub mod outline;
pub mod plan;
pub mod progress;
pub mod reading;
pub mod transition;
pub mod tween;
pub mod wires;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use detail::Detail;
use figures::{ClientsFigure, ControlPlane, NodeFigure, PodFigure, ServiceFigure, WorkloadFigure};
use geometry::Rect;
use plan::FloorPlan;
use wires::{Flight, OwnerWires, TrafficWires};

/// Everything that is drawn at one step, at rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The virtual time, in seconds.
    pub now: f64,
    /// Where things are.
    pub plan: FloorPlan,
    /// How much of each pod is shown.
    pub detail: Detail,
    /// Who acts, and what is on the wire.
    pub control_plane: ControlPlane,
    /// What makes pods, a row each.
    pub workloads: Vec<Rc<WorkloadFigure>>,
    /// The names of workloads that there is no room for.
    pub hidden_workloads: String,
    /// Services.
    pub services: Vec<Rc<ServiceFigure>>,
    /// Clients of the Service in focus.
    pub clients: Option<Rc<ClientsFigure>>,
    /// Nodes.
    pub nodes: Vec<Rc<NodeFigure>>,
    /// Pods, on their nodes and in the tray.
    pub pods: Vec<Rc<PodFigure>>,
    /// Why pods are still in the tray, in the scheduler's words.
    pub tray_message: Option<String>,
    /// The wires of the Service in focus.
    pub traffic: TrafficWires,
    /// The wires from the selected workload to its pods.
    pub owned: OwnerWires,
    /// Requests to it that are on their way at this moment or, while the step is shown, soon.
    pub flights: Vec<Flight>,
}

impl Scene {
    /// Every figure with a place of its own, by the name that its element carries.
    pub fn places(&self) -> impl Iterator<Item = (&str, Rect)> {
        let plan = &self.plan;
        let cards = [
            ("kubectl", plan.kubectl),
            ("etcd", plan.etcd),
            ("api-server", plan.api_server),
            ("controller-manager", plan.controller_manager),
            ("scheduler", plan.scheduler),
        ];
        let workloads = self.workloads.iter().flat_map(|workload| {
            let card = [(&*workload.key, workload.card)];
            card.into_iter().chain(workload.parts.iter().map(|part| (&*part.key, part.rect)))
        });
        cards
            .into_iter()
            .chain(workloads)
            .chain(self.services.iter().map(|service| (&*service.key, service.rect)))
            .chain(self.clients.iter().flat_map(|clients| {
                let below = self
                    .services
                    .iter()
                    .map(|service| service.rect.bottom())
                    .fold(clients.rect.bottom(), f32::max);
                let requests = Rect::new(clients.rect.x, below + 12.0, clients.rect.width, 60.0);
                [("clients", clients.rect), ("requests", requests)]
            }))
            .chain(self.nodes.iter().map(|node| (&*node.key, node.rect)))
            .chain(self.pods.iter().map(|pod| (&*pod.key, pod.rect)))
    }

    /// This scene before its step changed anything: the other's picture, but who acts and what is on the wire. What the
    /// step before had changed is no longer marked.
    pub fn announced_over(&self, before: &Scene) -> Scene {
        let nodes = before.nodes.iter().map(|node| {
            let acting = self.nodes.iter().find(|other| other.key == node.key);
            let (kubelet_acts, proxy_acts) =
                acting.map_or((false, false), |node| (node.kubelet_acts, node.proxy_acts));
            Rc::new(NodeFigure { kubelet_acts, proxy_acts, hit: false, ..(**node).clone() })
        });
        let pods = before.pods.iter().map(|pod| match pod.hit {
            true => Rc::new(PodFigure { hit: false, ..(**pod).clone() }),
            false => Rc::clone(pod),
        });
        let services = before.services.iter().map(|service| match service.hit {
            true => Rc::new(ServiceFigure { hit: false, ..(**service).clone() }),
            false => Rc::clone(service),
        });
        Scene {
            nodes: nodes.collect(),
            pods: pods.collect(),
            services: services.collect(),
            workloads: before.workloads.iter().map(|workload| Rc::new(workload.settled())).collect(),
            control_plane: self.control_plane.clone(),
            ..before.clone()
        }
    }
}
