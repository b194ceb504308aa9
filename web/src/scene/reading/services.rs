//! Services of the store as figures, and the endpoint of each pod in the Service in focus.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kubestep_core::api::{Endpoint, Service, Uid};
use kubestep_core::apiserver::Store;

use crate::scene::figures::{Port, ServiceFigure};
use crate::scene::geometry::Rect;

const PILL_HEIGHT: f32 = 136.0;
/// The pill in focus shrinks this far to make room for the others.
const SMALLEST_PILL: f32 = 92.0;
/// A lower one does not say that it is a Service.
const SHORT_PILL: f32 = 124.0;
const LOW_HEIGHT: f32 = 32.0;
const GAP: f32 = 8.0;
/// So many characters of an address and its port fit into the pill.
const LONGEST_ADDRESS: usize = 15;

/// The name that a Service's element carries.
pub fn key(uid: Uid) -> Rc<str> {
    format!("service:{uid}").into()
}

/// The Services of a cluster from top to bottom, inside the traffic column; the one in focus comes first.
pub fn figures(
    store: &Store,
    column: Rect,
    focus: Option<&Rc<Service>>,
    hit: impl Fn(&Service) -> bool,
) -> Vec<Rc<ServiceFigure>> {
    let mut y = column.y;
    let below = (shown(store).count().saturating_sub(1)) as f32 * (LOW_HEIGHT + GAP);
    let pill = (column.height - below).clamp(SMALLEST_PILL, PILL_HEIGHT);
    let others = shown(store).filter(|service| focus.is_none_or(|focus| focus.uid != service.uid));
    focus
        .into_iter()
        .chain(others)
        .map(|service| {
            let in_focus = focus.is_some_and(|focus| focus.uid == service.uid);
            let height = if in_focus { pill } else { LOW_HEIGHT };
            let rect = Rect::new(column.x, y, column.width, height);
            y += height + GAP;
            Rc::new(figure(store, service, rect, in_focus, hit(service)))
        })
        .collect()
}

/// The Services that are drawn: those of people. The API server's own has no pod behind it.
pub fn shown(store: &Store) -> impl Iterator<Item = &Rc<Service>> {
    store.list::<Service>().filter(|service| !service.is_api_server())
}

/// The endpoint of each pod in a Service: never a closed circuit for a terminating one while ready ones exist.
pub fn ports(store: &Store, service: &Service) -> BTreeMap<Uid, Port> {
    let any_ready = endpoints(store, service).any(|endpoint| endpoint.ready);
    endpoints(store, service)
        .filter_map(|endpoint| {
            let (_, uid) = endpoint.pod.as_ref()?;
            let port = match endpoint {
                endpoint if endpoint.ready => Port::Ready,
                endpoint if endpoint.terminating && endpoint.serving && !any_ready => Port::Serving,
                _ => Port::Open,
            };
            Some((*uid, port))
        })
        .collect()
}

/// Every endpoint in a Service's slices.
pub fn endpoints<'a>(store: &'a Store, service: &Service) -> impl Iterator<Item = &'a Rc<Endpoint>> {
    store.slices_of(&service.key).flat_map(|slice| slice.spec.endpoints.iter())
}

/// The figure of a Service at a place.
pub fn figure(store: &Store, service: &Service, rect: Rect, in_focus: bool, hit: bool) -> ServiceFigure {
    let (mut ready, mut draining, mut not_ready) = (0, 0, 0);
    for endpoint in endpoints(store, service) {
        match (endpoint.ready, endpoint.terminating) {
            (true, _) => ready += 1,
            (false, true) => draining += 1,
            (false, false) => not_ready += 1,
        }
    }
    let port = service.ports().first();
    let address = match (service.cluster_ip(), port) {
        (Some(ip), Some(port)) => format!("{ip}:{}", port.port),
        (Some(ip), None) => ip.to_owned(),
        (None, _) if service.is_headless() => "headless".to_owned(),
        (None, _) => "no address".to_owned(),
    };
    let target = port.map_or_else(String::new, |port| {
        let target = match &port.target_port {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(name)) => name.clone(),
            None => port.port.to_string(),
        };
        format!("→ {target}/{}", port.protocol.as_deref().unwrap_or("TCP"))
    });
    // A long address leaves its port to the line below.
    let (address, target) = match address.split_once(':') {
        Some((ip, port)) if address.len() > LONGEST_ADDRESS => (ip.to_owned(), format!(":{port} {target}")),
        _ => (address, target),
    };
    ServiceFigure {
        key: key(service.uid),
        rect,
        is_short: in_focus && rect.height < SHORT_PILL,
        name: service.name().to_owned(),
        address,
        target,
        ready,
        draining,
        not_ready,
        in_focus,
        hit,
    }
}
