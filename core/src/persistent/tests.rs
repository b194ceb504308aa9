use std::collections::BTreeMap;

use super::{Map, Set};
use crate::rng::Rng;

/// Both hold the same, by whatever way one looks at them.
fn assert_same(map: &Map<u64, u64>, wanted: &BTreeMap<u64, u64>) {
    assert!(map.iter().eq(wanted.iter()), "{map:?} is not {wanted:?}");
    assert_eq!((map.len(), map.is_empty()), (wanted.len(), wanted.is_empty()));
    assert_eq!(map.first(), wanted.first_key_value());
    for key in [0, 1, 77, 150, 299, 300] {
        assert_eq!(map.get(&key), wanted.get(&key));
        assert!(map.iter_from(&key).eq(wanted.range(key..)), "from {key}");
        assert_eq!(map.before(&key), wanted.range(..key).next_back(), "before {key}");
    }
}

#[test]
fn whatever_is_written_and_removed_it_holds_what_a_btree_holds() {
    let mut rng = Rng::new(11);
    for among in [10, 40, 300] {
        let (mut map, mut wanted) = (Map::new(), BTreeMap::new());
        let mut versions = Vec::new();
        // First it grows, then it shrinks to nothing.
        for turn in 0..4000 {
            let (key, grows) = (rng.below(among), rng.below(4000) >= turn);
            match rng.below(3) {
                _ if !grows => assert_eq!(map.remove(&key), wanted.remove(&key).is_some()),
                0 => {
                    let (ours, theirs) = (map.get_mut(&key), wanted.get_mut(&key));
                    assert_eq!(ours.is_some(), theirs.is_some());
                    ours.into_iter().chain(theirs).for_each(|value| *value += turn);
                }
                _ => {
                    map.insert(key, turn);
                    wanted.insert(key, turn);
                }
            }
            if turn % 97 == 0 {
                versions.push((map.clone(), wanted.clone()));
            }
        }
        for key in 0..among {
            assert_eq!(map.remove(&key), wanted.remove(&key).is_some());
        }
        versions.push((map, wanted));
        versions.iter().for_each(|(map, wanted)| assert_same(map, wanted));
    }
}

#[test]
fn keys_that_only_grow_are_found_again() {
    let map: Map<u64, u64> = (0..5000).map(|key| (key, key * 2)).collect();
    assert_eq!(map.len(), 5000);
    assert!((0..5000).all(|key| map.get(&key) == Some(&(key * 2))));
    let mut queue = map.clone();
    for key in 0..5000 {
        assert_eq!(queue.first(), Some((&key, &(key * 2))));
        assert_eq!(queue.take_first(), Some((key, key * 2)));
    }
    assert!(queue.is_empty() && map.len() == 5000);
}

#[test]
fn maps_are_equal_by_what_they_hold() {
    let up: Set<u64> = (0..200).collect();
    let mut down: Set<u64> = (0..200).rev().collect();
    assert_eq!(up, down);
    assert!(down.contains(&7) && down.remove(&7) && !down.remove(&7));
    assert_ne!(up, down);
    assert_eq!(format!("{:?}", (5..8).collect::<Set<u64>>()), "{5, 6, 7}");
}
