//! What the stored version of a list has already needs no second look: long lists are written often, and with few
//! changes.

use std::rc::Rc;

/// How many items in a row may have gone. Behind more, all are looked at again.
const GONE_IN_A_ROW: usize = 32;

/// The items of the stored version, as far as those of the new one have not passed them yet: items keep their order, but
/// for those that come and go.
pub(super) struct Known<'a, T>(&'a [Rc<T>]);

impl<'a, T> Known<'a, T> {
    pub(super) fn of(stored: &'a [Rc<T>]) -> Known<'a, T> {
        Known(stored)
    }

    /// Whether the stored version has this very item, which is then passed. To be asked in the order of the list.
    pub(super) fn has(&mut self, new: &Rc<T>) -> bool {
        let ahead = self.0.iter().take(GONE_IN_A_ROW);
        let Some(place) = ahead.into_iter().position(|old| Rc::ptr_eq(old, new)) else { return false };
        self.0 = &self.0[place + 1..];
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_went_hides_nothing_behind_it() {
        let stored: Vec<Rc<usize>> = (0..100).map(Rc::new).collect();
        let mut new = stored.clone();
        new.drain(20..40);
        new.insert(0, Rc::new(0));
        new[50] = Rc::new(7);
        let mut known = Known::of(&stored);
        let unknown: Vec<usize> = (0..new.len()).filter(|place| !known.has(&new[*place])).collect();
        assert_eq!(unknown, [0, 50]);
    }
}
