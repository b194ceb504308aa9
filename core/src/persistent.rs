//! Ordered maps and sets whose older versions stay as they were: cloning one copies a pointer, and a changed copy
//! shares with it all that was not changed.
//!
//! History keeps every version, so what a write costs is the nodes it copies, and each of them is an allocation. This is
//! a B-tree whose nodes are wide: two or three are copied where a binary tree copies a dozen. Entries are in the leaves,
//! each behind its own pointer, so that copying a leaf copies pointers.

mod cursor;
mod node;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Index;
use std::rc::Rc;

pub use cursor::Iter;
use node::{Entry, Node};

/// A persistent map, smallest key first.
pub struct Map<K, V> {
    /// Absent where there is no entry.
    root: Option<Node<K, V>>,
}

/// A persistent set, smallest first.
pub struct Set<K> {
    keys: Map<K, ()>,
}

impl<K, V> Map<K, V> {
    /// The empty map.
    pub const fn new() -> Map<K, V> {
        Map { root: None }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.root.as_ref().map_or(0, Node::size)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Every entry, smallest key first.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::all(self.root.as_ref())
    }

    /// Every key, smallest first.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// Every value, that of the smallest key first.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The entry with the smallest key.
    pub fn first(&self) -> Option<(&K, &V)> {
        let first = self.root.as_ref()?.first();
        Some((&first.key, &first.value))
    }
}

impl<K: Ord, V> Map<K, V> {
    /// The value of `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_by(|known| known.borrow().cmp(key))
    }

    /// The value of the key that `compare` calls equal; it tells how a key stands to the one that is looked for.
    pub fn get_by(&self, compare: impl Fn(&K) -> Ordering) -> Option<&V> {
        self.root.as_ref()?.get_by(&compare)
    }

    /// Whether there is a value for `key`.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// The entries from the first whose key is not below `key`, smallest key first.
    pub fn iter_from<Q: Ord + ?Sized>(&self, key: &Q) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        Iter::from(self.root.as_ref(), key)
    }

    /// The last entry whose key is below `key`.
    pub fn before<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let entry = self.root.as_ref()?.before(key)?;
        Some((&entry.key, &entry.value))
    }

    /// Gives `key` a value, in place of the one it may have.
    pub fn insert(&mut self, key: K, value: V) {
        let entry = Rc::new(Entry { key, value });
        match &mut self.root {
            Some(root) => root.insert_at_root(entry),
            None => self.root = Some(Node::leaf(entry)),
        }
    }

    /// Takes the value of `key` away. Returns whether there was one.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        if !self.contains_key(key) {
            return false;
        }
        let Some(root) = &mut self.root else { return false };
        root.remove_at_root(key);
        if root.size() == 0 {
            self.root = None;
        }
        true
    }
}

impl<K: Ord + Clone, V: Clone> Map<K, V> {
    /// Takes the entry with the smallest key.
    pub fn take_first(&mut self) -> Option<(K, V)> {
        let root = self.root.as_mut()?;
        let first = root.first().clone();
        root.remove_at_root(&first.key);
        if root.size() == 0 {
            self.root = None;
        }
        Some((first.key.clone(), first.value.clone()))
    }

    /// The value of `key`, to be changed in this version of the map.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.root.as_mut()?.get_mut(key)
    }
}

impl<K> Set<K> {
    /// The empty set.
    pub const fn new() -> Set<K> {
        Set { keys: Map::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// All, smallest first.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.keys.keys()
    }

    /// The smallest.
    pub fn first(&self) -> Option<&K> {
        self.keys.first().map(|(key, ())| key)
    }
}

impl<K: Ord> Set<K> {
    /// Whether `key` is one of them.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.keys.contains_key(key)
    }

    /// Adds `key`.
    pub fn insert(&mut self, key: K) {
        self.keys.insert(key, ());
    }

    /// Takes `key` away. Returns whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.keys.remove(key)
    }
}

impl<K, V> Clone for Map<K, V> {
    fn clone(&self) -> Map<K, V> {
        Map { root: self.root.clone() }
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Map<K, V> {
        Map::new()
    }
}

/// Maps are equal when they hold equal entries, however they came about.
impl<K: PartialEq, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Map<K, V>) -> bool {
        let same_root = match (&self.root, &other.root) {
            (Some(ours), Some(theirs)) => ours.is_same(theirs),
            (None, None) => true,
            _ => false,
        };
        same_root || self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for Map<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Map<K, V> {
        let mut map = Map::new();
        entries.into_iter().for_each(|(key, value)| map.insert(key, value));
        map
    }
}

/// A key that must be there.
impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for Map<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("only keys of the map are asked for by index")
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<K> Clone for Set<K> {
    fn clone(&self) -> Set<K> {
        Set { keys: self.keys.clone() }
    }
}

impl<K> Default for Set<K> {
    fn default() -> Set<K> {
        Set::new()
    }
}

impl<K: PartialEq> PartialEq for Set<K> {
    fn eq(&self, other: &Set<K>) -> bool {
        self.keys == other.keys
    }
}

impl<K: Eq> Eq for Set<K> {}

impl<K: fmt::Debug> fmt::Debug for Set<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}

impl<K: Ord> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Set<K> {
        Set { keys: keys.into_iter().map(|key| (key, ())).collect() }
    }
}
