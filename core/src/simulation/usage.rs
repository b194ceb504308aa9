//! How much memory and disk a process uses over time, how many files and processes it has, and what is written into a volume, as the pod's annotations say:
//! `64Mi, 512Mi after 30s`.
//!
//! ```text
//! 64Mi, 512Mi after 30s   and a limit of 256Mi   ->  killed 30 s after its start, with 512Mi
//! ```

use super::behaviour;
use crate::api::{Labels, canonical, quantity};
use crate::time::Duration;

/// The most changes that one annotation may name.
const MOST: usize = 16;

/// The annotation about volumes.
pub(super) const VOLUME: &str = "volume";

/// What a machine may run out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Its memory.
    Memory,
    /// Its disk.
    Disk,
    /// What its disk has for files: one for each.
    Inodes,
    /// The numbers that processes have.
    Pids,
}

impl Space {
    /// All of them, the more urgent first.
    pub const ALL: [Space; 4] = [Space::Memory, Space::Disk, Space::Inodes, Space::Pids];

    /// `memory`, `disk`, `inodes` or `pids`: the annotation, and the word in a line.
    pub fn name(self) -> &'static str {
        match self {
            Space::Memory => "memory",
            Space::Disk => "disk",
            Space::Inodes => "inodes",
            Space::Pids => "pids",
        }
    }

    /// An amount of it as Go prints it: bytes in powers of two, what is counted in powers of ten.
    pub fn written(self, amount: i64) -> String {
        match self {
            Space::Memory | Space::Disk => quantity::binary(amount),
            Space::Inodes | Space::Pids => {
                let digits = amount.to_string();
                canonical::quantity(&digits).unwrap_or(digits)
            }
        }
    }

    /// As requests, limits and capacities name it.
    pub fn resource(self) -> &'static str {
        match self {
            Space::Memory => "memory",
            Space::Disk => "ephemeral-storage",
            Space::Inodes => "inodes",
            Space::Pids => "pids",
        }
    }

    /// The one of this name.
    pub fn read(name: &str) -> Option<Space> {
        Space::ALL.into_iter().find(|space| space.name() == name)
    }
}

/// What the process of a container uses: bytes from each moment after its start on. Nothing where its pod does not say.
pub fn uses(annotations: &Labels, container: &str, space: Space) -> Vec<(Duration, i64)> {
    if annotations.is_empty() {
        return Vec::new();
    }
    let said = behaviour::look_up(annotations, space.name(), container);
    said.and_then(|text| read(text).ok()).unwrap_or_default()
}

/// What is in a volume of a pod: bytes from each moment after the pod was set up on. Nothing where it does not say.
pub fn written_into(annotations: &Labels, volume: &str) -> Vec<(Duration, i64)> {
    if annotations.is_empty() {
        return Vec::new();
    }
    let said = behaviour::look_up(annotations, VOLUME, volume);
    said.and_then(|text| read(text).ok()).unwrap_or_default()
}

/// When a process uses more memory than its container may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// From its start.
    pub after: Duration,
    /// What it uses then, in bytes.
    pub used: i64,
    /// `resources.limits.memory`, in bytes.
    pub limit: i64,
}

impl OutOfMemory {
    /// The first moment at which the use that `text` describes is above `limit`. Text that says nothing describes none.
    pub(super) fn of(text: &str, limit: i64) -> Option<OutOfMemory> {
        let uses = read(text).ok()?;
        let (after, used) = uses.into_iter().find(|(_, used)| *used > limit)?;
        Some(OutOfMemory { after, used, limit })
    }
}

/// Reads an annotation: bytes from each moment on, in the order of time.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<Vec<(Duration, i64)>, String> {
    amounts(text, "512Mi after 30s", |thousandths| i64::try_from(thousandths / 1000).ok())
}

/// Reads amounts over time, in the order of time. `whole` makes of thousandths what is kept, if it can be; `example` is
/// an amount with its moment.
///
/// # Errors
/// What is wrong with them.
pub(super) fn amounts(
    text: &str,
    example: &str,
    whole: impl Fn(i128) -> Option<i64>,
) -> Result<Vec<(Duration, i64)>, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if parts.len() > MOST {
        return Err(format!("it names more than {MOST} amounts"));
    }
    let mut uses: Vec<(Duration, i64)> = Vec::new();
    for part in parts {
        let (amount, after) = match part.split_once(" after ") {
            Some((amount, after)) => (amount.trim(), behaviour::duration(after.trim())),
            None => (part, uses.is_empty().then_some(Duration::ZERO)),
        };
        let amount = quantity::thousandths(amount).and_then(&whole).filter(|amount| *amount >= 0);
        let (Some(amount), Some(after)) = (amount, after) else {
            return Err(format!("\"{part}\" is no amount with a moment such as \"{example}\""));
        };
        if uses.last().is_some_and(|(before, _)| *before >= after) {
            return Err(format!("\"{part}\" is not later than the amount before it"));
        }
        uses.push((after, amount));
    }
    Ok(uses)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEBI: i64 = 1 << 20;

    #[test]
    fn the_first_amount_above_the_limit_decides() {
        let text = "64Mi, 128Mi after 10s, 512Mi after 30s";
        let killed = OutOfMemory::of(text, 256 * MEBI);
        let at = Duration::from_seconds(30);
        assert_eq!(killed, Some(OutOfMemory { after: at, used: 512 * MEBI, limit: 256 * MEBI }));
        assert_eq!(OutOfMemory::of(text, 512 * MEBI), None);
        assert_eq!(OutOfMemory::of("1Gi", 256 * MEBI).map(|out| out.after), Some(Duration::ZERO));
    }

    #[test]
    fn what_says_nothing_is_told() {
        for text in ["", "much", "64Mi after soon", "64Mi, 128Mi", "1Mi after 5s, 2Mi after 5s", "-1Mi"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&["1Mi"; 17].join(",")).is_err());
    }
}
