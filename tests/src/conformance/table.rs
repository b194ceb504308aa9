//! Tables of `kubectl get`, and of Events in `kubectl describe`: padded again once their cells have been rewritten.
//!
//! Rows whose order is that of generated names, and rows of Events, are sorted.

use super::text;

/// What stands between a column's widest cell and the next column.
const GAP: usize = 3;

/// The same, of the Events that `kubectl describe` lists.
const EVENTS_GAP: usize = 2;

/// Columns of ages.
const AGES: [&str; 6] = ["AGE", "LAST SEEN", "FIRST SEEN", "LAST SCHEDULE", "DURATION", "Age"];

/// Rewrites cells (and lines that are in no table) with `rewrite`, and pads tables again.
pub fn padded(printed: &str, rewrite: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut lines = printed.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let Some(columns) = columns(line.trim_end_matches('\n')) else {
            out.push_str(&rewrite(line));
            continue;
        };
        let is_described = lists_events(line);
        let mut rows = vec![cells(line, &columns)];
        if is_described && lines.next_if(|line| line.trim_start().starts_with("--")).is_some() {
            rows.push(rows[0].iter().map(|header| "-".repeat(header.len())).collect());
        }
        let headers = rows.len();
        while let Some(row) = lines.next_if(|line| !line.trim().is_empty()) {
            let row = cells(row, &columns).into_iter().zip(&rows[0]);
            rows.push(row.map(|(cell, header)| shown(&cell, header, rewrite)).collect());
        }
        sort(&mut rows, headers);
        let (indent, gap) = if is_described { ("  ", EVENTS_GAP) } else { ("", GAP) };
        out.push_str(&joined(&rows, indent, gap));
    }
    out
}

/// Whether this line is the header of the Events in a description.
fn lists_events(line: &str) -> bool {
    line.split_whitespace().eq(["Type", "Reason", "Age", "From", "Message"])
}

/// Where each column begins, in characters, if this line is a table's header.
fn columns(line: &str) -> Option<Vec<usize>> {
    let is_header = |letter: char| letter.is_ascii_uppercase() || " -()".contains(letter);
    let begins = ["NAME ", "LAST SEEN ", "NAMESPACE "].iter().any(|name| line.starts_with(name));
    let is_table = begins && line.chars().all(is_header);
    if !is_table && !lists_events(line) {
        return None;
    }
    let letters: Vec<char> = line.chars().collect();
    let begins = |place: usize| {
        letters[place] != ' ' && (place == 0 || (place >= 2 && letters[place - 2..place] == [' ', ' ']))
    };
    Some((0..letters.len()).filter(|place| begins(*place)).collect())
}

fn cells(line: &str, columns: &[usize]) -> Vec<String> {
    let letters: Vec<char> = line.trim_end_matches('\n').chars().collect();
    let ends = columns.iter().skip(1).copied().chain([letters.len()]);
    let cell = |(start, end): (&usize, usize)| -> String {
        letters.get(*start..end.min(letters.len())).unwrap_or_default().iter().collect()
    };
    columns.iter().zip(ends).map(|pair| cell(pair).trim().to_owned()).collect()
}

fn shown(cell: &str, header: &str, rewrite: &dyn Fn(&str) -> String) -> String {
    let (age, times) = cell.split_once(' ').unwrap_or((cell, ""));
    match (AGES.contains(&header) && text::is_age(age), times.rsplit_once(" over ")) {
        (true, Some((count, _))) => format!("<AGE> {count} over <AGE>)"),
        (true, None) => "<AGE>".to_owned(),
        (false, _) => rewrite(cell),
    }
}

/// Sorts rows of Events, and rows that are known by the generated name of a pod.
fn sort(rows: &mut [Vec<String>], headers: usize) {
    let (header, rows) = rows.split_at_mut(headers);
    let is_of_events = header[0].iter().any(|name| name == "REASON" || name == "Reason");
    if is_of_events {
        return rows.sort();
    }
    let is_generated = |row: &Vec<String>| row.iter().any(|cell| cell.contains("xxxxx"));
    let places: Vec<usize> = (0..rows.len()).filter(|place| is_generated(&rows[*place])).collect();
    let mut generated: Vec<Vec<String>> = places.iter().map(|place| rows[*place].clone()).collect();
    generated.sort();
    places.into_iter().zip(generated).for_each(|(place, row)| rows[place] = row);
}

fn joined(rows: &[Vec<String>], indent: &str, gap: usize) -> String {
    let count = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0) + gap;
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        out.push_str(indent);
        for (column, cell) in row.iter().enumerate() {
            let is_last = column + 1 == count;
            let width = if is_last { 0 } else { widths[column] };
            out.push_str(&format!("{cell:<width$}"));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_padded_to_its_new_cells() {
        let printed = "NAME             READY   LAST SEEN   NODE\nweb-596-x2x8k    1/1     12s\nweb              0/1     <none>      a\n\nbye\n";
        let rewrite = |cell: &str| cell.replace("web-596-x2x8k", "w/*");
        let expected = "NAME   READY   LAST SEEN   NODE\nw/*    1/1     <AGE>       \nweb    0/1     <none>      a\n\nbye\n";
        assert_eq!(padded(printed, &rewrite), expected);
    }

    #[test]
    fn other_text_is_rewritten_line_by_line() {
        assert_eq!(padded("a\nNAME is a\n", &|line| line.replace('a', "b")), "b\nNAME is b\n");
    }
}
