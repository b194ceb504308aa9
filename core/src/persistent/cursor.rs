//! Walking a tree from one entry to the next.

use std::borrow::Borrow;
use std::rc::Rc;
use std::slice;

use super::node::{Child, Entry, Node, place_below, place_in};

/// Entries of a map, smallest key first.
pub struct Iter<'a, K, V> {
    /// What is left of the leaf.
    leaf: slice::Iter<'a, Rc<Entry<K, V>>>,
    /// What is left of each branch above it, the root first.
    above: Vec<slice::Iter<'a, Child<K, V>>>,
}

impl<'a, K, V> Iter<'a, K, V> {
    pub(super) fn all(root: Option<&'a Node<K, V>>) -> Iter<'a, K, V> {
        let mut iter = Iter { leaf: [].iter(), above: Vec::new() };
        if let Some(root) = root {
            iter.enter(root);
        }
        iter
    }

    pub(super) fn from<Q: Ord + ?Sized>(root: Option<&'a Node<K, V>>, key: &Q) -> Iter<'a, K, V>
    where
        K: Borrow<Q>,
    {
        let mut iter = Iter { leaf: [].iter(), above: Vec::new() };
        let mut below = root;
        while let Some(node) = below {
            match node {
                Node::Leaf(entries) => {
                    let (Ok(place) | Err(place)) = place_in(entries, key);
                    iter.leaf = entries[place..].iter();
                    below = None;
                }
                Node::Branch { children, .. } => {
                    let place = place_below(children, key);
                    iter.above.push(children[place + 1..].iter());
                    below = Some(&children[place].node);
                }
            }
        }
        iter
    }

    /// Goes to the first entry of a node.
    fn enter(&mut self, mut node: &'a Node<K, V>) {
        loop {
            match node {
                Node::Leaf(entries) => {
                    self.leaf = entries.iter();
                    return;
                }
                Node::Branch { children, .. } => {
                    self.above.push(children[1..].iter());
                    node = &children[0].node;
                }
            }
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<(&'a K, &'a V)> {
        loop {
            if let Some(entry) = self.leaf.next() {
                return Some((&entry.key, &entry.value));
            }
            match self.above.last_mut()?.next() {
                Some(child) => self.enter(&child.node),
                None => drop(self.above.pop()),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let above: usize =
            self.above.iter().flat_map(|left| left.clone()).map(|child| child.node.size()).sum();
        let left = self.leaf.len() + above;
        (left, Some(left))
    }
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter { leaf: self.leaf.clone(), above: self.above.clone() }
    }
}
