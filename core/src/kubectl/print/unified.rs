//! What differs between two texts, as `diff -u` shows it: changed lines, with three that stayed around them.

/// How many unchanged lines stand around changes.
const CONTEXT: usize = 3;

/// How many lines may have to go or come for the shortest way to be looked for.
const MOST_CHANGES: usize = 2000;

/// A line of one text or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Keep,
    Remove,
    Add,
}

/// The hunks that lead from `old` to `new`; empty where they are equal.
pub(crate) fn hunks(old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let edits = edits(&old, &new);
    let is_near = |place: usize| {
        let from = place.saturating_sub(CONTEXT);
        edits[from..edits.len().min(place + CONTEXT + 1)].iter().any(|edit| *edit != Edit::Keep)
    };
    let mut out = String::new();
    let (mut before, mut after, mut place) = (0, 0, 0);
    while place < edits.len() {
        if !is_near(place) {
            (before, after, place) = (before + 1, after + 1, place + 1);
            continue;
        }
        let (from_before, from_after) = (before, after);
        let mut lines = String::new();
        while place < edits.len() && is_near(place) {
            let (sign, line) = match edits[place] {
                Edit::Keep => (' ', old[before]),
                Edit::Remove => ('-', old[before]),
                Edit::Add => ('+', new[after]),
            };
            lines.push(sign);
            lines.push_str(line);
            lines.push('\n');
            before += usize::from(edits[place] != Edit::Add);
            after += usize::from(edits[place] != Edit::Remove);
            place += 1;
        }
        let old_range = range(from_before, before);
        let new_range = range(from_after, after);
        out.push_str(&format!("@@ -{old_range} +{new_range} @@\n{lines}"));
    }
    out
}

/// `3,7`: the first line and how many; `3` for one alone, `2,0` for none behind the second.
fn range(from: usize, to: usize) -> String {
    match to - from {
        0 => format!("{from},0"),
        1 => format!("{}", from + 1),
        count => format!("{},{count}", from + 1),
    }
}

/// The shortest way from one text to the other. E. W. Myers, "An O(ND) difference algorithm", 1986.
fn edits(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let same_start = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (old, new) = (&old[same_start..], &new[same_start..]);
    let same_end = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
    let (old, new) = (&old[..old.len() - same_end], &new[..new.len() - same_end]);
    let mut edits = vec![Edit::Keep; same_start];
    edits.extend(shortest(old, new).unwrap_or_else(|| {
        let removed = std::iter::repeat_n(Edit::Remove, old.len());
        removed.chain(std::iter::repeat_n(Edit::Add, new.len())).collect()
    }));
    edits.extend(std::iter::repeat_n(Edit::Keep, same_end));
    edits
}

fn shortest(old: &[&str], new: &[&str]) -> Option<Vec<Edit>> {
    let (rows, columns) = (old.len() as isize, new.len() as isize);
    let most = (old.len() + new.len()).min(MOST_CHANGES);
    let middle = most as isize + 1;
    let mut furthest = vec![0_isize; 2 * most + 3];
    let mut trace = Vec::new();
    for changes in 0..=most as isize {
        trace.push(furthest.clone());
        for diagonal in (-changes..=changes).step_by(2) {
            let at = |diagonal: isize| furthest[(diagonal + middle) as usize];
            let is_down =
                diagonal == -changes || (diagonal != changes && at(diagonal - 1) < at(diagonal + 1));
            let mut row = if is_down { at(diagonal + 1) } else { at(diagonal - 1) + 1 };
            // Down is a line of the new text, right one of the old.
            while row < rows
                && row - diagonal < columns
                && old[row as usize] == new[(row - diagonal) as usize]
            {
                row += 1;
            }
            furthest[(diagonal + middle) as usize] = row;
            if row >= rows && row - diagonal >= columns {
                return Some(walk_back(&trace, middle, rows, columns));
            }
        }
    }
    None
}

fn walk_back(trace: &[Vec<isize>], middle: isize, rows: isize, columns: isize) -> Vec<Edit> {
    let (mut row, mut column) = (rows, columns);
    let mut edits = Vec::new();
    for (changes, furthest) in trace.iter().enumerate().rev() {
        let changes = changes as isize;
        let diagonal = row - column;
        let at = |diagonal: isize| furthest[(diagonal + middle) as usize];
        let is_down = diagonal == -changes || (diagonal != changes && at(diagonal - 1) < at(diagonal + 1));
        let from = if is_down { diagonal + 1 } else { diagonal - 1 };
        let (from_row, from_column) = (at(from), at(from) - from);
        while row > from_row && column > from_column && changes > 0 || changes == 0 && row > 0 && column > 0 {
            edits.push(Edit::Keep);
            (row, column) = (row - 1, column - 1);
        }
        if changes > 0 {
            edits.push(if is_down { Edit::Add } else { Edit::Remove });
            (row, column) = (from_row, from_column);
        }
    }
    edits.reverse();
    edits
}

#[cfg(test)]
mod tests {
    use super::hunks;

    #[test]
    fn changes_are_shown_with_what_stands_around_them() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\nk\nl\nm\n";
        let expected = "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n@@ -10,3 +10,4 @@\n j\n k\n l\n+m\n";
        assert_eq!(hunks(old, new), expected);
        assert_eq!(hunks("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(hunks("a\n", "a\n"), "");
        assert_eq!(hunks("x\na\ny\n", "a\nz\n"), "@@ -1,3 +1,2 @@\n-x\n a\n-y\n+z\n");
    }
}
