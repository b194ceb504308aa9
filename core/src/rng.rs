//! Seeded randomness that is part of the world: cloning a world clones its luck.
//!
//! SplitMix64: eight bytes of state, good enough for names, uids and jitter, the same on every machine.

use std::rc::Rc;

/// The letters of generated names. Upstream: `k8s.io/apimachinery/pkg/util/rand`.
const SUFFIX_ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// Whether [`Rng::suffixed`] may have appended this: five of its letters.
pub fn is_suffix(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|letter| SUFFIX_ALPHABET.contains(&letter))
}

/// A generator of reproducible numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(u64);

impl Rng {
    /// The generator that `seed` stands for.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound` (0 if `bound` is 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// `prefix` with the five random characters that `generateName` appends.
    pub fn suffixed(&mut self, prefix: &str) -> Rc<str> {
        let mut name = String::with_capacity(prefix.len() + 5);
        name.push_str(prefix);
        for _ in 0..5 {
            name.push(SUFFIX_ALPHABET[self.below(27) as usize] as char);
        }
        name.into()
    }
}
