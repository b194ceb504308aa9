// What is wrong or worth knowing about a line: a squiggle under the words, the message under the line, and a button
// where it is known what was meant.

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, keymap, WidgetType } from "@codemirror/view";

import { icon } from "./deciding.js";
import { lineNumbered, offsetAt } from "./places.js";

/**
 * Replaces all of them: a list of
 * `{ line, column?, endColumn?, severity: "error" | "warning" | "info", message, fix? }`, lines and columns from 1; a fix
 * is `{ line, column, length, text }`: what to replace, and with what.
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
  constructor(diagnostic, index) {
    super();
    this.diagnostic = diagnostic;
    this.index = index;
  }

  eq(other) {
    const [a, b] = [this.diagnostic, other.diagnostic];
    return a.message === b.message && a.severity === b.severity && a.fix?.text === b.fix?.text && this.index === other.index;
  }

  toDOM(view) {
    const box = document.createElement("div");
    box.className = `ks-diag ks-${this.diagnostic.severity}`;
    // The editor measures a block without its margins, so the room around the box is another element's padding.
    const room = document.createElement("div");
    room.className = "ks-diag-room";
    room.append(box);
    const text = document.createElement("span");
    text.textContent = this.diagnostic.message;
    box.append(icon(icons[this.diagnostic.severity]), text);
    if (this.diagnostic.fix) box.append(this.button(view));
    return room;
  }

  button(view) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ks-fix";
    button.textContent = fixTitle(this.diagnostic.fix);
    const key = document.createElement("kbd");
    key.textContent = "Ctrl .";
    button.append(key);
    button.addEventListener("click", () => {
      apply(view, view.state.field(diagnosticLines).fixes.find((fix) => fix.index === this.index));
      view.focus();
    });
    return button;
  }

  ignoreEvent() {
    return true;
  }

  get estimatedHeight() {
    return 28;
  }
}

function fixTitle({ text, length }) {
  if (!text.trim()) return "Replace tabs with spaces";
  if (text.includes("unknownKinds: Keep")) return "Keep such objects";
  return `${length === 0 ? "Add" : "Replace with"} ${text.trim()}`;
}

function apply(view, fix) {
  if (!fix) return;
  view.dispatch({
    changes: { from: fix.from, to: fix.to, insert: fix.text },
    selection: { anchor: fix.from + fix.text.length },
    userEvent: "input.fix",
    scrollIntoView: true,
  });
}

/** Puts right what is wrong in the caret's line, or takes the caret to where something can be put right. */
function fixHere(view) {
  const { fixes } = view.state.field(diagnosticLines);
  const caret = view.state.selection.main.head;
  const line = view.state.doc.lineAt(caret);
  const here = fixes.filter((fix) => fix.from >= line.from && fix.from <= line.to);
  if (here.length > 0) {
    apply(view, here.find((fix) => fix.from <= caret && caret <= fix.to) ?? here[0]);
    return true;
  }
  const next = fixes.find((fix) => fix.from > caret) ?? fixes[0];
  if (next) view.dispatch({ selection: { anchor: next.from }, scrollIntoView: true });
  return Boolean(next);
}

export const diagnosticLines = StateField.define({
  create: () => ({ marks: Decoration.none, fixes: [] }),
  update(value, transaction) {
    if (transaction.docChanged) {
      const map = (position) => transaction.changes.mapPos(position);
      value = {
        marks: value.marks.map(transaction.changes),
        fixes: value.fixes.map((fix) => ({ ...fix, from: map(fix.from), to: map(fix.to) })),
      };
    }
    for (const effect of transaction.effects) {
      if (effect.is(setDiagnosticsEffect)) value = build(transaction.state.doc, effect.value);
    }
    return value;
  },
  provide: (self) => EditorView.decorations.from(self, (value) => value.marks),
});

export const diagnostics = [diagnosticLines, keymap.of([{ key: "Mod-.", run: fixHere }])];

function build(doc, list) {
  const ranges = [];
  const fixes = [];
  list.forEach((each, index) => {
    const line = lineNumbered(doc, each.line);
    const [from, to] = squiggle(line, each);
    if (from < to) ranges.push(Decoration.mark({ class: `ks-sq ks-${each.severity}` }).range(from, to));
    if (each.fix) {
      const own = lineNumbered(doc, each.fix.line);
      const { column, length, text } = each.fix;
      fixes.push({ index, from: offsetAt(own, column), to: offsetAt(own, column + length), text });
    }
    if (index >= mostMessages) return;
    ranges.push(Decoration.widget({ widget: new Message(each, index), block: true, side: 2 }).range(line.to));
  });
  return { marks: Decoration.set(ranges, true), fixes };
}

/** From the column to the end of the word there, or the whole text of the line. */
function squiggle(line, { column, endColumn }) {
  const indent = line.text.length - line.text.trimStart().length;
  if (!column || column > line.text.length) return [line.from + indent, line.to];
  const from = offsetAt(line, column);
  if (endColumn && endColumn > column) return [from, offsetAt(line, endColumn)];
  const word = /^[^\s:,{}[\]]+/.exec(line.text.slice(from - line.from));
  return [from, from + (word ? word[0].length : 1)];
}
