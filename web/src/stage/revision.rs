//! The look of a revision: a hue, a tally of notches and a tag, the same on pods, ReplicaSets and the gauge.

/// Four looks there are; the fifth revision has the first look again, and its tag tells them apart.
const LOOKS: u32 = 4;

/// Which of the four looks a revision has, from 1; 0 for none.
pub fn look(revision: u32) -> u32 {
    if revision == 0 { 0 } else { (revision - 1) % LOOKS + 1 }
}

/// The class that sets the hue.
pub fn revision_class(revision: u32) -> &'static str {
    match look(revision) {
        0 => "rev-0",
        1 => "rev-1",
        2 => "rev-2",
        3 => "rev-3",
        _ => "rev-4",
    }
}

/// The classes of the band at a card's left edge: the first look is unbroken, each further one has a notch more.
pub fn band_class(revision: u32) -> &'static str {
    match look(revision) {
        0 | 1 => "revband",
        2 => "revband notch-2",
        3 => "revband notch-3",
        _ => "revband notch-4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_repeat_after_four_and_no_revision_is_grey() {
        let looks: Vec<u32> = (0..7).map(look).collect();
        assert_eq!(looks, [0, 1, 2, 3, 4, 1, 2]);
        assert_eq!(revision_class(5), revision_class(1));
        assert_eq!(band_class(4), "revband notch-4");
    }
}
