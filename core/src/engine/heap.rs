//! A persistent priority queue: a leftist heap whose older versions stay as they were.
//!
//! The agenda pops and pushes at every step while history keeps every version, which costs a balanced tree six
//! times as much: this heap copies the nodes of one short right spine.

use std::rc::Rc;

/// Values by key, smallest key first. Keys must be distinct.
#[derive(Debug)]
pub(crate) struct Heap<K, V> {
    root: Link<K, V>,
    len: usize,
}

type Link<K, V> = Option<Rc<Node<K, V>>>;

#[derive(Debug)]
struct Node<K, V> {
    key: K,
    value: Rc<V>,
    /// The length of the right spine: never more than that of the left.
    rank: u32,
    left: Link<K, V>,
    right: Link<K, V>,
}

impl<K: Ord + Copy, V> Heap<K, V> {
    /// How many values it holds.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The smallest key and its value.
    pub(crate) fn first(&self) -> Option<(K, &V)> {
        self.root.as_ref().map(|node| (node.key, &*node.value))
    }

    /// Adds a value.
    pub(crate) fn push(&mut self, key: K, value: V) {
        self.push_shared(key, Rc::new(value));
    }

    /// Takes the value with the smallest key.
    pub(crate) fn pop(&mut self) -> Option<(K, Rc<V>)> {
        let node = self.root.take()?;
        self.len -= 1;
        self.root = merge(node.left.as_ref(), node.right.as_ref());
        Some((node.key, node.value.clone()))
    }

    /// Takes one value out of the middle: as long as building the heap anew.
    pub(crate) fn remove(&mut self, is_it: impl Fn(&K) -> bool) -> Option<(K, Rc<V>)> {
        let all = self.sorted();
        let place = all.iter().position(|(key, _)| is_it(key))?;
        let mut rest = Heap::default();
        for (other, (key, value)) in all.iter().enumerate() {
            if other != place {
                rest.push_shared(*key, (*value).clone());
            }
        }
        let (key, value) = (all[place].0, all[place].1.clone());
        *self = rest;
        Some((key, value))
    }

    /// Every value, smallest key first.
    pub(crate) fn sorted(&self) -> Vec<(K, &Rc<V>)> {
        let mut all = Vec::with_capacity(self.len);
        let mut open: Vec<&Rc<Node<K, V>>> = self.root.iter().collect();
        while let Some(node) = open.pop() {
            all.push((node.key, &node.value));
            open.extend(node.left.iter().chain(&node.right));
        }
        crate::order::sort_by_key(&mut all, |(key, _)| *key);
        all
    }

    fn push_shared(&mut self, key: K, value: Rc<V>) {
        let single = Some(Rc::new(Node { key, value, rank: 1, left: None, right: None }));
        self.root = merge(self.root.as_ref(), single.as_ref());
        self.len += 1;
    }
}

impl<K, V> Default for Heap<K, V> {
    fn default() -> Heap<K, V> {
        Heap { root: None, len: 0 }
    }
}

impl<K, V> Clone for Heap<K, V> {
    fn clone(&self) -> Heap<K, V> {
        Heap { root: self.root.clone(), len: self.len }
    }
}

/// Heaps are equal when they hold equal values, however they are shaped.
impl<K: Ord + Copy, V: PartialEq> PartialEq for Heap<K, V> {
    fn eq(&self, other: &Heap<K, V>) -> bool {
        let same_root = match (&self.root, &other.root) {
            (Some(mine), Some(theirs)) => Rc::ptr_eq(mine, theirs),
            (None, None) => true,
            _ => false,
        };
        same_root || self.len == other.len && self.sorted() == other.sorted()
    }
}

/// Dropping a long left spine must not recurse once per node.
impl<K, V> Drop for Node<K, V> {
    fn drop(&mut self) {
        let mut next = self.left.take();
        while let Some(mut node) = next.and_then(Rc::into_inner) {
            next = node.left.take();
        }
    }
}

fn merge<K: Ord + Copy, V>(one: Option<&Rc<Node<K, V>>>, other: Option<&Rc<Node<K, V>>>) -> Link<K, V> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other).cloned() };
    let (first, second) = if one.key <= other.key { (one, other) } else { (other, one) };
    let merged = merge(first.right.as_ref(), Some(second));
    let rank = |link: &Link<K, V>| link.as_ref().map_or(0, |node| node.rank);
    let (left, right) = (first.left.clone(), merged);
    let (left, right) = if rank(&left) >= rank(&right) { (left, right) } else { (right, left) };
    let rank = rank(&right) + 1;
    Some(Rc::new(Node { key: first.key, value: first.value.clone(), rank, left, right }))
}

#[cfg(test)]
mod tests {
    use super::Heap;

    #[test]
    fn values_come_out_in_the_order_of_their_keys_and_old_versions_stay() {
        let mut heap = Heap::default();
        let mut number = 7_u64;
        for _ in 0..500 {
            number = number.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            heap.push(number, number);
        }
        let before = heap.clone();
        let mut last = 0;
        while let Some((key, value)) = heap.pop() {
            assert!(key > last && *value == key);
            last = key;
        }
        assert_eq!((heap.len(), before.len(), before.sorted().len()), (0, 500, 500));
    }

    #[test]
    fn a_value_can_be_taken_out_of_the_middle() {
        let mut heap = Heap::default();
        (0..10).for_each(|key| heap.push(key, key * 2));
        assert_eq!(heap.remove(|key| *key == 4).map(|(_, value)| *value), Some(8));
        assert_eq!(heap.remove(|key| *key == 4), None);
        assert_eq!(heap.len(), 9);
    }

    #[test]
    fn a_long_left_spine_is_dropped_without_recursion() {
        let mut heap = Heap::default();
        (0..200_000).rev().for_each(|key| heap.push(key, ()));
        assert_eq!(heap.first().map(|(key, ())| key), Some(0));
    }
}
