//! Which slot of which node each pod has: a fold over the steps of a history.
//!
//! A pod keeps its slot for life, so that nothing jumps about while one thing changes. A pod that leaves leaves a gap;
//! a newcomer may take it; what gaps remain are closed when a span of the timeline ends. Cloning a layout costs nothing
//! worth mentioning, so every step keeps its own.

use std::rc::Rc;

use kubestep_core::api::Uid;
use rpds::{RedBlackTreeMap, Vector};

/// Where a pod is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// Not bound to a node yet: in the tray above the nodes, at this place from the left.
    Tray(usize),
    /// On a node, at this slot from the top.
    Slot {
        /// The node's name.
        node: Rc<str>,
        /// The slot's number.
        slot: usize,
    },
}

/// The places of all pods at one step.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    homes: RedBlackTreeMap<Uid, Home>,
    tray: Vector<Option<Uid>>,
    slots: RedBlackTreeMap<Rc<str>, Vector<Option<Uid>>>,
}

impl Layout {
    /// Where a pod is, if it is anywhere.
    pub fn home(&self, pod: Uid) -> Option<&Home> {
        self.homes.get(&pod)
    }

    /// All pods with their places.
    pub fn homes(&self) -> impl Iterator<Item = (&Uid, &Home)> {
        self.homes.iter()
    }

    /// How many slots a node needs: one more than its last taken slot.
    pub fn depth(&self, node: &str) -> usize {
        self.slots.get(node).map_or(0, Vector::len)
    }

    /// How many slots the fullest node needs.
    pub fn deepest(&self) -> usize {
        self.slots.values().map(Vector::len).max().unwrap_or(0)
    }

    /// How many places the tray needs.
    pub fn tray_len(&self) -> usize {
        self.tray.len()
    }

    /// The layout with this pod on a node, or in the tray if there is none. A pod that is there already stays put.
    #[must_use]
    pub fn placed(&self, pod: Uid, node: Option<&str>) -> Layout {
        match (self.home(pod), node) {
            (Some(Home::Slot { node: at, .. }), Some(node)) if **at == *node => return self.clone(),
            (Some(Home::Tray(_)), None) => return self.clone(),
            _ => {}
        }
        let mut layout = self.without(pod);
        let home = match node {
            None => {
                let place = first_gap(&layout.tray);
                layout.tray = with_entry(&layout.tray, place, Some(pod));
                Home::Tray(place)
            }
            Some(node) => {
                let node: Rc<str> = Rc::from(node);
                let taken = layout.slots.get(&node).cloned().unwrap_or_default();
                let slot = first_gap(&taken);
                layout.slots.insert_mut(Rc::clone(&node), with_entry(&taken, slot, Some(pod)));
                Home::Slot { node, slot }
            }
        };
        layout.homes.insert_mut(pod, home);
        layout
    }

    /// The layout without this pod; its place becomes a gap.
    #[must_use]
    pub fn without(&self, pod: Uid) -> Layout {
        let Some(home) = self.home(pod) else {
            return self.clone();
        };
        let mut layout = self.clone();
        layout.homes.remove_mut(&pod);
        match home {
            Home::Tray(place) => layout.tray = with_entry(&self.tray, *place, None),
            Home::Slot { node, slot } => {
                let taken = with_entry(&self.slots[node], *slot, None);
                layout.slots.insert_mut(Rc::clone(node), taken);
            }
        }
        layout
    }

    /// The layout with every gap closed: pods keep their order and move up.
    #[must_use]
    pub fn without_gaps(&self) -> Layout {
        let has_gap = |places: &Vector<Option<Uid>>| places.iter().any(Option::is_none);
        if !has_gap(&self.tray) && !self.slots.values().any(has_gap) {
            return self.clone();
        }
        let mut layout = self.clone();
        layout.tray = self.tray.iter().filter(|place| place.is_some()).copied().collect();
        for (place, pod) in layout.tray.iter().flatten().enumerate() {
            layout.homes.insert_mut(*pod, Home::Tray(place));
        }
        for (node, taken) in &self.slots {
            if !has_gap(taken) {
                continue;
            }
            let closed: Vector<Option<Uid>> = taken.iter().filter(|place| place.is_some()).copied().collect();
            for (slot, pod) in closed.iter().flatten().enumerate() {
                layout.homes.insert_mut(*pod, Home::Slot { node: Rc::clone(node), slot });
            }
            layout.slots.insert_mut(Rc::clone(node), closed);
        }
        layout
    }
}

fn first_gap(places: &Vector<Option<Uid>>) -> usize {
    places.iter().position(Option::is_none).unwrap_or(places.len())
}

/// The places with one changed. Gaps at the end are dropped, so that the length is the number of places needed.
fn with_entry(places: &Vector<Option<Uid>>, place: usize, pod: Option<Uid>) -> Vector<Option<Uid>> {
    let mut places = if place == places.len() {
        places.push_back(pod)
    } else {
        places.set(place, pod).unwrap_or_else(|| places.clone())
    };
    while matches!(places.last(), Some(None)) {
        places.drop_last_mut();
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str) -> Uid {
        Uid::parse(name)
    }

    fn slot_of(layout: &Layout, name: &str) -> usize {
        match layout.home(pod(name)) {
            Some(Home::Slot { slot, .. }) => *slot,
            other => panic!("{name} is at {other:?}"),
        }
    }

    #[test]
    fn a_bound_pod_moves_from_the_tray_to_the_first_free_slot() {
        let created = Layout::default().placed(pod("a"), None).placed(pod("b"), None);
        assert_eq!(created.home(pod("b")), Some(&Home::Tray(1)));
        let bound = created.placed(pod("b"), Some("node-1"));
        assert_eq!(bound.home(pod("b")), Some(&Home::Slot { node: Rc::from("node-1"), slot: 0 }));
        assert_eq!((bound.tray_len(), bound.depth("node-1")), (1, 1));
    }

    #[test]
    fn a_pod_keeps_its_slot_when_another_leaves_and_a_newcomer_takes_the_gap() {
        let full = ["a", "b", "c"]
            .iter()
            .fold(Layout::default(), |layout, name| layout.placed(pod(name), Some("n")));
        let gap = full.without(pod("b"));
        assert_eq!((slot_of(&gap, "a"), slot_of(&gap, "c"), gap.depth("n")), (0, 2, 3));
        let refilled = gap.placed(pod("d"), Some("n"));
        assert_eq!(slot_of(&refilled, "d"), 1);
        assert_eq!(slot_of(&full, "b"), 1, "earlier steps keep their layout");
    }

    #[test]
    fn gaps_close_only_when_asked_and_keep_the_order() {
        let full = ["a", "b", "c", "d"]
            .iter()
            .fold(Layout::default(), |layout, name| layout.placed(pod(name), Some("n")));
        let closed = full.without(pod("a")).without(pod("c")).without_gaps();
        assert_eq!((slot_of(&closed, "b"), slot_of(&closed, "d"), closed.depth("n")), (0, 1, 2));
    }

    #[test]
    fn a_gap_at_the_end_is_no_gap() {
        let layout = Layout::default().placed(pod("a"), Some("n")).placed(pod("b"), Some("n"));
        assert_eq!(layout.without(pod("b")).depth("n"), 1);
        assert_eq!(layout.without(pod("a")).without(pod("b")).depth("n"), 0);
    }
}
