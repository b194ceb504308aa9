//! The nodes of the tree: leaves hold entries, branches hold nodes. All leaves are equally deep.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::iter;
use std::rc::Rc;

/// How many entries a leaf holds at most.
const LEAF_WIDTH: usize = 16;
/// How many nodes a branch holds at most. A place in it is four times as large as one in a leaf.
const BRANCH_WIDTH: usize = 8;

pub(super) struct Entry<K, V> {
    pub(super) key: K,
    pub(super) value: V,
}

/// Never empty, but for the root of a map that is just losing its last entry.
pub(super) enum Node<K, V> {
    Leaf(Rc<[Rc<Entry<K, V>>]>),
    Branch { size: u32, children: Rc<[Child<K, V>]> },
}

pub(super) struct Child<K, V> {
    /// No key of the node is below this one's, and every key before the node is. Its value may be an older one.
    from: Rc<Entry<K, V>>,
    pub(super) node: Node<K, V>,
}

impl<K, V> Node<K, V> {
    pub(super) fn leaf(entry: Rc<Entry<K, V>>) -> Node<K, V> {
        Node::Leaf(Rc::new([entry]))
    }

    /// How many entries are in it and below it.
    pub(super) fn size(&self) -> usize {
        match self {
            Node::Leaf(entries) => entries.len(),
            Node::Branch { size, .. } => *size as usize,
        }
    }

    pub(super) fn first(&self) -> &Rc<Entry<K, V>> {
        match self {
            Node::Leaf(entries) => &entries[0],
            Node::Branch { children, .. } => children[0].node.first(),
        }
    }

    fn last(&self) -> &Rc<Entry<K, V>> {
        match self {
            Node::Leaf(entries) => &entries[entries.len() - 1],
            Node::Branch { children, .. } => children[children.len() - 1].node.last(),
        }
    }

    /// Whether both are one and the same.
    pub(super) fn is_same(&self, other: &Node<K, V>) -> bool {
        match (self, other) {
            (Node::Leaf(ours), Node::Leaf(theirs)) => Rc::ptr_eq(ours, theirs),
            (Node::Branch { children: ours, .. }, Node::Branch { children: theirs, .. }) => {
                Rc::ptr_eq(ours, theirs)
            }
            _ => false,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Node::Leaf(entries) => entries.is_empty(),
            Node::Branch { children, .. } => children.is_empty(),
        }
    }

    /// Whether so few are left in it that it is to be joined to a neighbour, if there is room for both in one.
    fn is_narrow(&self) -> bool {
        match self {
            Node::Leaf(entries) => entries.len() < LEAF_WIDTH / 4,
            Node::Branch { children, .. } => children.len() < BRANCH_WIDTH / 4,
        }
    }

    /// One node of what two hold, unless that is too much.
    fn joined(lower: &Node<K, V>, upper: &Node<K, V>) -> Option<Node<K, V>> {
        match (lower, upper) {
            (Node::Leaf(lower), Node::Leaf(upper)) if lower.len() + upper.len() <= LEAF_WIDTH => {
                Some(Node::Leaf(lower.iter().chain(upper.iter()).cloned().collect()))
            }
            (Node::Branch { children: lower, .. }, Node::Branch { children: upper, .. })
                if lower.len() + upper.len() <= BRANCH_WIDTH =>
            {
                Some(Node::branch(lower.iter().chain(upper.iter()).cloned().collect()))
            }
            _ => None,
        }
    }

    fn branch(children: Rc<[Child<K, V>]>) -> Node<K, V> {
        let size = children.iter().map(|child| child.node.size() as u32).sum();
        Node::Branch { size, children }
    }
}

impl<K: Ord, V> Node<K, V> {
    pub(super) fn get_by(&self, compare: &impl Fn(&K) -> Ordering) -> Option<&V> {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => {
                    let place = search(entries, |entry| compare(&entry.key)).ok()?;
                    return Some(&entries[place].value);
                }
                Node::Branch { children, .. } => {
                    node = &children[search_below(children, compare)].node;
                }
            }
        }
    }

    /// The last entry whose key is below `key`.
    pub(super) fn before<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&Rc<Entry<K, V>>>
    where
        K: Borrow<Q>,
    {
        match self {
            Node::Leaf(entries) => {
                let (Ok(place) | Err(place)) = place_in(entries, key);
                Some(&entries[place.checked_sub(1)?])
            }
            Node::Branch { children, .. } => {
                let place = place_below(children, key);
                let before = || Some(children[place.checked_sub(1)?].node.last());
                children[place].node.before(key).or_else(before)
            }
        }
    }

    pub(super) fn insert_at_root(&mut self, entry: Rc<Entry<K, V>>) {
        if let Some(upper) = self.insert(entry) {
            let lower = self.clone();
            *self = Node::branch(Rc::new([Child::of(lower), Child::of(upper)]));
        }
    }

    /// Inserts an entry, or puts it in the place of the one with its key. Returns the upper part of the node, where it
    /// had to be split.
    fn insert(&mut self, entry: Rc<Entry<K, V>>) -> Option<Node<K, V>> {
        match self {
            Node::Leaf(entries) => match place_in(entries, &entry.key) {
                Ok(place) => {
                    Rc::make_mut(entries)[place] = entry;
                    None
                }
                Err(place) => insert_into(entries, place, entry, LEAF_WIDTH).map(Node::Leaf),
            },
            Node::Branch { size, children } => {
                let place = place_below(children, &entry.key);
                let child = &mut Rc::make_mut(children)[place];
                let before = child.node.size();
                let split = child.node.insert(entry);
                child.from = child.node.first().clone();
                let Some(split) = split else {
                    *size += (child.node.size() - before) as u32;
                    return None;
                };
                let upper = insert_into(children, place + 1, Child::of(split), BRANCH_WIDTH);
                *self = Node::branch(children.clone());
                upper.map(Node::branch)
            }
        }
    }

    pub(super) fn remove_at_root<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.remove(key);
        while let Node::Branch { children, .. } = self
            && let [only] = &**children
        {
            *self = only.node.clone();
        }
    }

    /// Removes the entry of a key that is there.
    fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        match self {
            Node::Leaf(entries) => {
                if let Ok(place) = place_in(entries, key) {
                    *entries = without(entries, place);
                }
            }
            Node::Branch { size, children } => {
                let place = place_below(children, key);
                let child = &mut Rc::make_mut(children)[place];
                child.node.remove(key);
                *size -= 1;
                if child.node.is_empty() {
                    *children = without(children, place);
                    return;
                }
                child.from = child.node.first().clone();
                if child.node.is_narrow() {
                    join(children, place.saturating_sub(1));
                }
            }
        }
    }
}

impl<K: Ord + Clone, V: Clone> Node<K, V> {
    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        match self {
            Node::Leaf(entries) => {
                let place = place_in(entries, key).ok()?;
                Some(&mut Rc::make_mut(&mut Rc::make_mut(entries)[place]).value)
            }
            Node::Branch { children, .. } => {
                let place = place_below(children, key);
                Rc::make_mut(children)[place].node.get_mut(key)
            }
        }
    }
}

impl<K, V> Child<K, V> {
    fn of(node: Node<K, V>) -> Child<K, V> {
        Child { from: node.first().clone(), node }
    }
}

impl<K, V> Clone for Node<K, V> {
    fn clone(&self) -> Node<K, V> {
        match self {
            Node::Leaf(entries) => Node::Leaf(entries.clone()),
            Node::Branch { size, children } => Node::Branch { size: *size, children: children.clone() },
        }
    }
}

impl<K, V> Clone for Child<K, V> {
    fn clone(&self) -> Child<K, V> {
        Child { from: self.from.clone(), node: self.node.clone() }
    }
}

impl<K: Clone, V: Clone> Clone for Entry<K, V> {
    fn clone(&self) -> Entry<K, V> {
        Entry { key: self.key.clone(), value: self.value.clone() }
    }
}

/// Where a key is in a leaf, or where it would be.
pub(super) fn place_in<K: Borrow<Q>, V, Q: Ord + ?Sized>(
    entries: &[Rc<Entry<K, V>>],
    key: &Q,
) -> Result<usize, usize> {
    search(entries, |entry| entry.key.borrow().cmp(key))
}

/// Which node of a branch a key is in, if it is anywhere.
pub(super) fn place_below<K: Borrow<Q>, V, Q: Ord + ?Sized>(children: &[Child<K, V>], key: &Q) -> usize {
    search_below(children, &|from: &K| from.borrow().cmp(key))
}

/// The node of a branch that begins with the key that is looked for, or else the one that would hold it.
fn search_below<K, V>(children: &[Child<K, V>], compare: &impl Fn(&K) -> Ordering) -> usize {
    search(&children[1..], |child| compare(&child.from.key)).map_or_else(|place| place, |place| place + 1)
}

/// As [`slice::binary_search_by`], which goes on to the end where it could stop: keys are long, and comparing them is what
/// a search costs.
fn search<T>(items: &[T], compare: impl Fn(&T) -> Ordering) -> Result<usize, usize> {
    let (mut from, mut to) = (0, items.len());
    while from < to {
        let middle = (from + to) / 2;
        match compare(&items[middle]) {
            Ordering::Less => from = middle + 1,
            Ordering::Greater => to = middle,
            Ordering::Equal => return Ok(middle),
        }
    }
    Err(from)
}

/// Inserts an item. Returns the upper part of the list, where it became longer than `width`. One that grows at its end
/// is left full, since no more will come in between.
fn insert_into<T: Clone>(items: &mut Rc<[T]>, place: usize, item: T, width: usize) -> Option<Rc<[T]>> {
    if items.len() == width && place == width {
        return Some(Rc::new([item]));
    }
    let (left, right) = items.split_at(place);
    let all: Rc<[T]> = left.iter().cloned().chain(iter::once(item)).chain(right.iter().cloned()).collect();
    if all.len() <= width {
        *items = all;
        return None;
    }
    let (lower, upper) = all.split_at(all.len() / 2);
    *items = lower.into();
    Some(upper.into())
}

fn without<T: Clone>(items: &[T], place: usize) -> Rc<[T]> {
    items[..place].iter().chain(&items[place + 1..]).cloned().collect()
}

/// Joins a node to the one behind it, if there is room for both in one.
fn join<K, V>(children: &mut Rc<[Child<K, V>]>, place: usize) {
    let [lower, upper, ..] = &children[place..] else { return };
    let Some(joined) = Node::joined(&lower.node, &upper.node) else { return };
    let mut fewer = without(children, place + 1);
    Rc::make_mut(&mut fewer)[place] = Child::of(joined);
    *children = fewer;
}
