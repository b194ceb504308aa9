//! Elastic tab stops: cells that end in a tab form columns with the cells above and below them, as long as no line
//! without that cell comes between. Upstream: Go's `text/tabwriter`.

/// Aligns `text`. A column is as wide as its widest cell plus `padding`, and at least `min_width`.
pub(crate) fn align(text: &str, min_width: usize, padding: usize) -> String {
    aligned(text, min_width, padding, None)
}

/// Aligns text that follows another one: no column is narrower than it was there. `known` has the columns' widths.
pub(crate) fn align_below(text: &str, min_width: usize, padding: usize, known: &mut Vec<usize>) -> String {
    aligned(text, min_width, padding, Some(known))
}

fn aligned(text: &str, min_width: usize, padding: usize, known: Option<&mut Vec<usize>>) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let out = String::with_capacity(text.len() * 2);
    let mut aligner = Aligner { lines, min_width, padding, known, out };
    let count = aligner.lines.len();
    aligner.format(0, count, &mut Vec::new());
    aligner.out.pop();
    aligner.out
}

struct Aligner<'a> {
    lines: Vec<Vec<&'a str>>,
    min_width: usize,
    padding: usize,
    /// How wide each column has been at most, where that counts.
    known: Option<&'a mut Vec<usize>>,
    out: String,
}

impl Aligner<'_> {
    /// Writes the lines from `first` up to `end`, whose first columns have these widths.
    fn format(&mut self, mut first: usize, end: usize, widths: &mut Vec<usize>) {
        let column = widths.len();
        let mut line = first;
        while line < end {
            if !self.has_cell(line, column) {
                line += 1;
                continue;
            }
            self.write(first, line, widths);
            first = line;
            let mut width = self.min_width;
            while line < end && self.has_cell(line, column) {
                width = width.max(self.lines[line][column].chars().count() + self.padding);
                line += 1;
            }
            if let Some(known) = &mut self.known {
                width = width.max(known.get(column).copied().unwrap_or(0));
                match known.get_mut(column) {
                    Some(known) => *known = width,
                    None => known.push(width),
                }
            }
            widths.push(width);
            self.format(first, line, widths);
            widths.pop();
            first = line;
        }
        self.write(first, end, widths);
    }

    /// Whether a line has a cell that ends in a tab in this column.
    fn has_cell(&self, line: usize, column: usize) -> bool {
        column + 1 < self.lines[line].len()
    }

    fn write(&mut self, first: usize, end: usize, widths: &[usize]) {
        for line in &self.lines[first..end] {
            for (place, cell) in line.iter().enumerate() {
                self.out.push_str(cell);
                if let Some(width) = widths.get(place).filter(|_| place + 1 < line.len()) {
                    let blanks = width.saturating_sub(cell.chars().count());
                    self.out.extend(std::iter::repeat_n(' ', blanks));
                }
            }
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::align;

    #[test]
    fn columns_end_where_a_line_has_no_such_cell() {
        let text = "Name:\tweb\nMinReadySeconds:\t0\nPod Template:\n  Labels:\tapp=web\n\ttier=a\n";
        let expected = "Name:             web\nMinReadySeconds:  0\nPod Template:\n  Labels:  app=web\n           tier=a\n";
        assert_eq!(align(text, 0, 2), expected);
    }

    #[test]
    fn short_cells_are_padded_to_the_least_width() {
        assert_eq!(align("A\tB\n1\t22", 6, 3), "A     B\n1     22");
    }
}
