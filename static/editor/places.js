// Places as the page's program counts them: columns from 1, in characters. CodeMirror counts UTF-16 units.

/** The position of a column of a line. */
export function offsetAt(line, column) {
  const units = [...line.text].slice(0, column - 1).join("").length;
  return Math.min(line.from + units, line.to);
}

/** The column of a position. */
export function columnAt(line, position) {
  return [...line.text.slice(0, position - line.from)].length + 1;
}

/** The line of that number, or the nearest there is. */
export function lineNumbered(doc, number) {
  return doc.line(Math.min(Math.max(number, 1), doc.lines));
}
