//! Watchers that hear late: one of them is slow while all others hear in time.

use std::fmt;
use std::rc::Rc;

use super::agenda::Audience;
use super::world::World;
use crate::controllers::ControllerId;
use crate::time::Duration;

/// Somebody who watches the API server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watcher {
    /// One controller.
    Controller(ControllerId),
    /// kube-scheduler.
    Scheduler,
    /// The kubelet of a node.
    Kubelet(Rc<str>),
    /// The kube-proxies: they hear together.
    Proxies,
}

impl Watcher {
    /// Reads a name: `kube-scheduler`, `kube-proxy`, `kubelet/node-1`, or a controller.
    pub fn read(name: &str) -> Option<Watcher> {
        if let Some(node) = name.strip_prefix("kubelet/") {
            return (!node.is_empty()).then(|| Watcher::Kubelet(node.into()));
        }
        match name {
            "kube-scheduler" | "scheduler" => Some(Watcher::Scheduler),
            "kube-proxy" => Some(Watcher::Proxies),
            _ => {
                let is_called = |id: &ControllerId| id.name() == name || id.controller().component == name;
                ControllerId::all().find(is_called).map(Watcher::Controller)
            }
        }
    }

    /// Takes it out of an audience. Returns an audience of it alone, if it was there.
    fn leave(&self, audience: &mut Audience) -> Option<Audience> {
        let mut alone = Audience::default();
        match self {
            Watcher::Controller(id) => {
                alone.controllers = audience.controllers & (1 << id.0);
                audience.controllers &= !alone.controllers;
            }
            Watcher::Scheduler => alone.scheduler = std::mem::take(&mut audience.scheduler),
            Watcher::Proxies => alone.proxies = std::mem::take(&mut audience.proxies),
            Watcher::Kubelet(node) => {
                let place = audience.kubelets.iter().position(|known| known == node);
                alone.kubelets = place.map(|place| audience.kubelets.remove(place)).into_iter().collect();
            }
        }
        (alone != Audience::default()).then_some(alone)
    }
}

impl fmt::Display for Watcher {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Watcher::Controller(id) => out.write_str(id.name()),
            Watcher::Scheduler => out.write_str("kube-scheduler"),
            Watcher::Kubelet(node) => write!(out, "kubelet/{node}"),
            Watcher::Proxies => out.write_str("kube-proxy"),
        }
    }
}

/// From now on it hears so much later than all others; in time again with 0.
pub(super) fn set(world: &mut World, watcher: &Watcher, late: Duration) {
    let slow = Rc::make_mut(&mut Rc::make_mut(&mut world.simulation).slow);
    if late == Duration::ZERO {
        slow.remove(watcher);
    } else {
        slow.insert(watcher.clone(), late);
    }
}

/// An audience taken apart: those who hear in time, and each slow one with how late it hears. Empty where nobody is
/// slow. What every kubelet hears of, none hears late.
pub(super) fn apart(world: &World, audience: &Audience) -> Vec<(Audience, Duration)> {
    if world.simulation.slow.is_empty() {
        return Vec::new();
    }
    let mut rest = audience.clone();
    let mut late = Vec::new();
    for (watcher, wait) in world.simulation.slow.iter() {
        late.extend(watcher.leave(&mut rest).map(|alone| (alone, *wait)));
    }
    if !late.is_empty() && rest != Audience::default() {
        late.insert(0, (rest, Duration::ZERO));
    }
    late
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_is_read_by_the_name_it_has() {
        for name in ["kube-scheduler", "kube-proxy", "kubelet/node-2", "deployment"] {
            assert_eq!(Watcher::read(name).unwrap().to_string(), name);
        }
        assert_eq!(Watcher::read("kubelet/"), None);
        assert_eq!(Watcher::read("nobody"), None);
    }
}
