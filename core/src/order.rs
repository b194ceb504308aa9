//! Sorting, in one copy: the standard library's sort is compiled anew for every type it sorts, and each copy is
//! ten kilobytes that a page waits for.

use std::cmp::Ordering;

/// Sorts as [`slice::sort_by`] does, equal items staying in order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    sort_places(&mut order, &|one, other| compare(&items[one as usize], &items[other as usize]));
    arrange(items, &mut order);
}

/// Sorts as [`slice::sort_by_key`] does, equal items staying in order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts as [`slice::sort`] does.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

fn sort_places(order: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    order.sort_by(|one, other| compare(*one, *other));
}

/// Puts the item from `order[place]` at every place, along the circles that the moves form.
fn arrange<T>(items: &mut [T], order: &mut [u32]) {
    for start in 0..order.len() {
        let mut place = start;
        loop {
            let from = std::mem::replace(&mut order[place], place as u32) as usize;
            if from == start {
                break;
            }
            items.swap(place, from);
            place = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn items_are_sorted_as_the_standard_library_sorts_them() {
        let mut rng = Rng::new(7);
        for length in [0, 1, 2, 3, 10, 500] {
            let items: Vec<(u64, usize)> = (0..length).map(|place| (rng.below(20), place)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by_key(&mut ours, |item| item.0);
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs);
        }
    }
}
