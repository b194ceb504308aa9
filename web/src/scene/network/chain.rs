//! Which Services are shown beside each other: the one in focus, and the one whose pods send it requests, or that its
//! pods send requests to.

use std::rc::Rc;

use kubestep_core::api::{Key, Kind, ObjectRef, Pod, Service, Uid};
use kubestep_core::engine::World;
use kubestep_core::network::source::sources_of;
use kubestep_core::network::traffic::service_of;

use super::follow::Followed;
use crate::scene::reading::services;

/// Services that requests go through, from left to right: at most two.
pub struct Chain {
    /// Them.
    pub links: Vec<Link>,
    /// Which of them has the focus.
    focus: usize,
}

/// A Service of the chain.
pub struct Link {
    /// The Service.
    pub service: Rc<Service>,
    /// Its clients, by their places in `simulation.clients`.
    pub clients: Vec<usize>,
}

impl Chain {
    /// The chain around the selected Service, or the one that the followed request goes to, or the first that has clients.
    pub fn of(world: &World, selected: Option<&ObjectRef>, followed: Option<&Followed>) -> Chain {
        let Some(focus) = focus(world, selected, followed) else {
            return Chain { links: Vec::new(), focus: 0 };
        };
        let before = upstream(world, &focus);
        let after = if before.is_none() { downstream(world, &focus) } else { None };
        let place = usize::from(before.is_some());
        let services = before.into_iter().chain([focus]).chain(after);
        Chain { links: services.map(|service| Link::new(world, service)).collect(), focus: place }
    }

    /// The Service in focus.
    pub fn focus(&self) -> Option<&Rc<Service>> {
        self.links.get(self.focus).map(|link| &link.service)
    }
}

impl Link {
    fn new(world: &World, service: Rc<Service>) -> Link {
        let clients = world.simulation.clients.iter().enumerate();
        let clients = clients.filter(|(_, client)| service_of(client) == service.key).map(|(place, _)| place);
        Link { clients: clients.collect(), service }
    }
}

fn focus(world: &World, selected: Option<&ObjectRef>, followed: Option<&Followed>) -> Option<Rc<Service>> {
    let store = &world.store;
    let named = |key: &Key| store.get::<Service>(key).cloned();
    let picked = selected.and_then(|object| match object.kind {
        Kind::Service => named(&object.key),
        Kind::Pod => {
            let uid = store.get::<Pod>(&object.key)?.uid;
            services::shown(store).find(|service| has(world, service, uid)).cloned()
        }
        _ => None,
    });
    let clients = || world.simulation.clients.iter();
    let of_followed = || {
        let name = followed?.client();
        let client = clients().find(|client| *client.name == *name)?;
        named(&service_of(client))
    };
    picked
        .or_else(of_followed)
        .or_else(|| clients().find_map(|client| named(&service_of(client))))
        .or_else(|| services::shown(store).next().cloned())
}

/// The first Service that has pods which send requests to this one.
fn upstream(world: &World, service: &Service) -> Option<Rc<Service>> {
    let clients = world.simulation.clients.iter().filter(|client| service_of(client) == service.key);
    let senders: Vec<Uid> =
        clients.flat_map(|client| sources_of(&world.store, client)).map(|pod| pod.uid).collect();
    let fits =
        |other: &&Rc<Service>| other.uid != service.uid && senders.iter().any(|uid| has(world, other, *uid));
    services::shown(&world.store).find(fits).cloned()
}

/// The first Service that this one's pods send requests to.
fn downstream(world: &World, service: &Service) -> Option<Rc<Service>> {
    world.simulation.clients.iter().find_map(|client| {
        let sends = sources_of(&world.store, client).iter().any(|pod| has(world, service, pod.uid));
        world
            .store
            .get::<Service>(&service_of(client))
            .filter(|other| sends && other.uid != service.uid)
            .cloned()
    })
}

fn has(world: &World, service: &Service, pod: Uid) -> bool {
    services::endpoints(&world.store, service)
        .any(|endpoint| endpoint.pod.as_ref().is_some_and(|(_, uid)| *uid == pod))
}
