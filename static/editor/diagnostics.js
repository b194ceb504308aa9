// What is wrong or worth knowing about a line: a squiggle under the words, the message under the line.

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

import { icon } from "./deciding.js";

/**
 * Replaces all of them: a list of
 * `{ line, column?, endColumn?, severity: "error" | "warning" | "info", message }`, lines and columns from 1.
 */
export const setDiagnosticsEffect = StateEffect.define();

/** Messages under lines push the text apart, so only the first few are written out. */
const mostMessages = 8;

const icons = {
  error: "M5.5 1.8h5l3.7 3.7v5l-3.7 3.7h-5l-3.7-3.7v-5zM8 4.8v4M8 10.9v.1",
  warning: "M8 2.4 14.2 13H1.8zM8 6.4v3.2M8 11.4v.1",
  info: "M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8M8 7.4v3.6M8 5v.1",
};

class Message extends WidgetType {
  constructor(diagnostic) {
    super();
    this.diagnostic = diagnostic;
  }

  eq(other) {
    const [a, b] = [this.diagnostic, other.diagnostic];
    return a.message === b.message && a.severity === b.severity;
  }

  toDOM() {
    const box = document.createElement("div");
    box.className = `ks-diag ks-${this.diagnostic.severity}`;
    // The editor measures a block without its margins, so the room around the box is another element's padding.
    const room = document.createElement("div");
    room.className = "ks-diag-room";
    room.append(box);
    const text = document.createElement("span");
    text.textContent = this.diagnostic.message;
    box.append(icon(icons[this.diagnostic.severity]), text);
    return room;
  }

  ignoreEvent() {
    return true;
  }

  get estimatedHeight() {
    return 28;
  }
}

export const diagnosticLines = StateField.define({
  create: () => Decoration.none,
  update(set, transaction) {
    set = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setDiagnosticsEffect)) set = build(transaction.state.doc, effect.value);
    }
    return set;
  },
  provide: (self) => EditorView.decorations.from(self),
});

function build(doc, list) {
  const ranges = [];
  list.forEach((each, index) => {
    const line = doc.line(Math.min(Math.max(each.line, 1), doc.lines));
    const [from, to] = squiggle(line, each);
    if (from < to) ranges.push(Decoration.mark({ class: `ks-sq ks-${each.severity}` }).range(from, to));
    if (index >= mostMessages) return;
    ranges.push(Decoration.widget({ widget: new Message(each), block: true, side: 2 }).range(line.to));
  });
  return Decoration.set(ranges, true);
}

/** From the column to the end of the word there, or the whole text of the line. */
function squiggle(line, { column, endColumn }) {
  const indent = line.text.length - line.text.trimStart().length;
  if (!column || column > line.text.length) return [line.from + indent, line.to];
  const from = line.from + column - 1;
  if (endColumn && endColumn > column) return [from, Math.min(line.from + endColumn - 1, line.to)];
  const word = /^[^\s:,{}[\]]+/.exec(line.text.slice(column - 1));
  return [from, from + (word ? word[0].length : 1)];
}
