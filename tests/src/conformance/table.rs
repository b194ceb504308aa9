//! Tables of `kubectl get`: padded again once their cells have been rewritten.

use super::text;

/// What stands between a column's widest cell and the next column.
const GAP: usize = 3;

/// Columns of ages.
const AGES: [&str; 5] = ["AGE", "LAST SEEN", "FIRST SEEN", "LAST SCHEDULE", "DURATION"];

/// Rewrites cells (and lines that are in no table) with `rewrite`, and pads tables again.
pub fn padded(printed: &str, rewrite: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut lines = printed.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let Some(columns) = columns(line.trim_end_matches('\n')) else {
            out.push_str(&rewrite(line));
            continue;
        };
        let mut rows = vec![cells(line, &columns)];
        while let Some(row) = lines.next_if(|line| !line.trim().is_empty()) {
            let row = cells(row, &columns).into_iter().zip(&rows[0]);
            rows.push(row.map(|(cell, header)| shown(&cell, header, rewrite)).collect());
        }
        out.push_str(&joined(&rows));
    }
    out
}

/// Where each column begins, in characters, if this line is a table's header.
fn columns(line: &str) -> Option<Vec<usize>> {
    let is_header = |letter: char| letter.is_ascii_uppercase() || " -()".contains(letter);
    let begins = ["NAME ", "LAST SEEN ", "NAMESPACE "].iter().any(|name| line.starts_with(name));
    if !begins || !line.chars().all(is_header) {
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
    if AGES.contains(&header) && text::is_age(cell) { "<AGE>".to_owned() } else { rewrite(cell) }
}

fn joined(rows: &[Vec<String>]) -> String {
    let count = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0) + GAP;
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
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
