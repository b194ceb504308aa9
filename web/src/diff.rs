//! Compares two texts line by line: for the editor's change marks, the review of what Apply would send, and the
//! inspector's before and after.
//!
//! Lines common to both ends are skipped first; what remains is aligned by its longest common subsequence while
//! that fits in [`MOST_CELLS`], and counts as replaced otherwise, so that a huge paste cannot stall the page.

/// The largest table that is filled to align two stretches of lines (lines on one side times lines on the other).
const MOST_CELLS: usize = 4_000_000;

/// One line of a comparison; indices count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    /// The same line on both sides.
    Same {
        /// Its index in the old text.
        old: usize,
        /// Its index in the new text.
        new: usize,
    },
    /// A line that only the old text has.
    Removed(usize),
    /// A line that only the new text has.
    Added(usize),
}

/// What happened to a line of the new text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// It is new.
    Added,
    /// It replaces a line.
    Changed,
    /// Lines that stood after it are gone.
    Removed,
}

/// A line of the new text that differs, for the strip beside the line numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line of the new text, from 1.
    pub line: usize,
    /// How it differs.
    pub kind: MarkKind,
}

/// What changed between two texts, counted in lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Lines of the new text that differ, ascending.
    pub marks: Vec<Mark>,
    /// Lines that are new.
    pub added: usize,
    /// Lines that replace one.
    pub changed: usize,
    /// Lines that are gone.
    pub removed: usize,
}

impl Changes {
    /// How many lines differ in all.
    pub fn total(&self) -> usize {
        self.added + self.changed + self.removed
    }
}

/// Counts and marks what `new` changes in `old`: within one stretch, as many removed lines as there are added ones
/// count as changed.
pub fn changes(old: &str, new: &str) -> Changes {
    let mut all = Changes::default();
    let mut stretch = Stretch::default();
    for edit in edits(&lines(old), &lines(new)) {
        match edit {
            Edit::Removed(_) => stretch.removed += 1,
            Edit::Added(line) => stretch.added.push(line + 1),
            Edit::Same { new, .. } => std::mem::take(&mut stretch).close(new, &mut all),
        }
    }
    stretch.close(lines(new).len(), &mut all);
    all
}

/// Neighbouring lines that differ.
#[derive(Default)]
struct Stretch {
    removed: usize,
    added: Vec<usize>,
}

impl Stretch {
    /// Adds the stretch to `all`; `before` is the number of lines of the new text that precede its end.
    fn close(self, before: usize, all: &mut Changes) {
        let changed = self.removed.min(self.added.len());
        for (index, &line) in self.added.iter().enumerate() {
            let kind = if index < changed { MarkKind::Changed } else { MarkKind::Added };
            all.marks.push(Mark { line, kind });
        }
        if self.removed > self.added.len() && self.added.is_empty() {
            all.marks.push(Mark { line: before.max(1), kind: MarkKind::Removed });
        }
        all.changed += changed;
        all.added += self.added.len() - changed;
        all.removed += self.removed - changed;
    }
}

/// A line of the inspector's comparison: the sign that precedes it, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// An unchanged line, kept to show where a change belongs.
    Around(String),
    /// A line that is gone.
    Removed(String),
    /// A line that is new.
    Added(String),
}

/// The changed lines of two YAML texts, each with the keys that enclose it: `spec:` above `replicas: 3`.
pub fn yaml_rows(old: &str, new: &str) -> Vec<Row> {
    let (old, new) = (lines(old), lines(new));
    let mut rows = Vec::new();
    let mut keys = OpenKeys::default();
    for edit in edits(&old, &new) {
        match edit {
            Edit::Same { new: line, .. } => keys.pass(new[line]),
            Edit::Removed(line) => {
                keys.show_around(old[line], &mut rows);
                rows.push(Row::Removed(old[line].to_owned()));
            }
            Edit::Added(line) => {
                keys.show_around(new[line], &mut rows);
                rows.push(Row::Added(new[line].to_owned()));
            }
        }
    }
    rows
}

/// The unchanged lines that enclose the place a comparison has come to, outermost first.
#[derive(Default)]
struct OpenKeys<'a> {
    keys: Vec<OpenKey<'a>>,
}

struct OpenKey<'a> {
    depth: usize,
    line: &'a str,
    is_shown: bool,
}

impl<'a> OpenKeys<'a> {
    fn pass(&mut self, line: &'a str) {
        let depth = depth(line);
        while self.keys.last().is_some_and(|last| last.depth >= depth) {
            self.keys.pop();
        }
        self.keys.push(OpenKey { depth, line, is_shown: false });
    }

    fn show_around(&mut self, line: &str, rows: &mut Vec<Row>) {
        let depth = depth(line);
        for key in self.keys.iter_mut().filter(|key| key.depth < depth && !key.is_shown) {
            key.is_shown = true;
            rows.push(Row::Around(key.line.to_owned()));
        }
    }
}

/// How deep a line of YAML stands; a list's items stand deeper than its key even if they are not indented.
fn depth(line: &str) -> usize {
    let text = line.trim_start();
    (line.len() - text.len()) * 2 + usize::from(text.starts_with("- "))
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// Aligns two lists of lines.
fn edits(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);

    let mut all: Vec<Edit> = (0..head).map(|index| Edit::Same { old: index, new: index }).collect();
    all.extend(align(old_middle, new_middle).into_iter().map(|edit| edit.moved(head)));
    all.extend(
        (0..tail).map(|index| Edit::Same { old: old.len() - tail + index, new: new.len() - tail + index }),
    );
    all
}

impl Edit {
    fn moved(self, by: usize) -> Self {
        match self {
            Self::Same { old, new } => Self::Same { old: old + by, new: new + by },
            Self::Removed(old) => Self::Removed(old + by),
            Self::Added(new) => Self::Added(new + by),
        }
    }
}

fn align(old: &[&str], new: &[&str]) -> Vec<Edit> {
    if old.len().saturating_mul(new.len()) > MOST_CELLS {
        return (0..old.len()).map(Edit::Removed).chain((0..new.len()).map(Edit::Added)).collect();
    }
    let common = common_suffixes(old, new);
    let width = new.len() + 1;
    let (mut i, mut j) = (0, 0);
    let mut all = Vec::with_capacity(old.len() + new.len());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            all.push(Edit::Same { old: i, new: j });
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            all.push(Edit::Removed(i));
            i += 1;
        } else {
            all.push(Edit::Added(j));
            j += 1;
        }
    }
    all
}

/// The length of the longest common subsequence of `old[i..]` and `new[j..]`, at `i * (new.len() + 1) + j`.
fn common_suffixes(old: &[&str], new: &[&str]) -> Vec<u32> {
    let width = new.len() + 1;
    let mut table = vec![0; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i * width + j] = if old[i] == new[j] {
                table[(i + 1) * width + j + 1] + 1
            } else {
                table[(i + 1) * width + j].max(table[i * width + j + 1])
            };
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "spec:\n  replicas: 2\n  paused: false\n  strategy:\n    type: Recreate\n";

    #[test]
    fn a_replaced_line_counts_as_one_change() {
        let found = changes(OLD, &OLD.replace("replicas: 2", "replicas: 3"));
        assert_eq!(found.marks, [Mark { line: 2, kind: MarkKind::Changed }]);
        assert_eq!((found.added, found.changed, found.removed), (0, 1, 0));
    }

    #[test]
    fn an_added_line_and_a_removed_line_are_told_apart() {
        let new = OLD.replace("  paused: false\n", "").replace("    type", "    # why\n    type");
        let found = changes(OLD, &new);
        assert_eq!((found.added, found.changed, found.removed), (1, 0, 1));
        assert_eq!(
            found.marks,
            [Mark { line: 2, kind: MarkKind::Removed }, Mark { line: 4, kind: MarkKind::Added }]
        );
    }

    #[test]
    fn equal_texts_have_no_changes() {
        assert_eq!(changes(OLD, OLD), Changes::default());
    }

    #[test]
    fn emptying_the_text_removes_every_line() {
        let found = changes(OLD, "");
        assert_eq!((found.added, found.changed, found.removed), (0, 0, 5));
    }

    #[test]
    fn a_change_is_shown_under_the_keys_around_it() {
        let rows = yaml_rows(OLD, &OLD.replace("Recreate", "RollingUpdate"));
        assert_eq!(
            rows,
            [
                Row::Around("spec:".into()),
                Row::Around("  strategy:".into()),
                Row::Removed("    type: Recreate".into()),
                Row::Added("    type: RollingUpdate".into()),
            ]
        );
    }

    #[test]
    fn a_pure_removal_is_shown_under_its_keys_too() {
        let rows = yaml_rows(OLD, &OLD.replace("  paused: false\n", ""));
        assert_eq!(rows, [Row::Around("spec:".into()), Row::Removed("  paused: false".into())]);
    }

    #[test]
    fn a_change_inside_a_list_shows_the_list() {
        let old = "containers:\n- name: web\n  image: a\n";
        let rows = yaml_rows(old, &old.replace("image: a", "image: b"));
        assert_eq!(rows[..2], [Row::Around("containers:".into()), Row::Around("- name: web".into())]);
    }

    #[test]
    fn a_text_too_long_to_align_is_replaced_as_a_whole() {
        let old: Vec<String> = (0..3000).map(|n| format!("a{n}")).collect();
        let new: Vec<String> = (0..3000).map(|n| format!("b{n}")).collect();
        let found = changes(&old.join("\n"), &new.join("\n"));
        assert_eq!(found.changed, 3000);
    }
}
