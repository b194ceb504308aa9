// The lines of the manifest that decided the step being watched: lit, the first one with a note under it.

import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutterLineClass, WidgetType } from "@codemirror/view";

/** Replaces all of them: a list of `{ line, title?, note? }`; a title makes a note under its line. */
export const setDecidingEffect = StateEffect.define();

class Note extends WidgetType {
  constructor(title, note) {
    super();
    this.title = title;
    this.note = note;
  }

  eq(other) {
    return other.title === this.title && other.note === this.note;
  }

  toDOM() {
    const line = document.createElement("div");
    line.className = "ks-ann";
    line.append(icon("M4 2.5v7a2 2 0 0 0 2 2h6.5M9.8 8.8l2.8 2.7-2.8 2.7"), this.title);
    const note = document.createElement("span");
    note.textContent = this.note;
    line.append(note);
    return line;
  }

  get estimatedHeight() {
    return 20;
  }
}

/** A 14 px line icon; the page's sprite cannot be referenced from inside a shadow root. */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 16 16", width: 14, height: 14, class: "ks-ic", "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  const drawn = document.createElementNS(space, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

const lit = Decoration.line({ class: "ks-now" });

const litNumber = new (class extends GutterMarker {
  elementClass = "ks-now";
})();

const empty = { lines: Decoration.none, numbers: RangeSet.empty };

const field = StateField.define({
  create: () => empty,
  update(value, transaction) {
    if (transaction.docChanged) {
      value = { lines: value.lines.map(transaction.changes), numbers: value.numbers.map(transaction.changes) };
    }
    for (const effect of transaction.effects) {
      if (effect.is(setDecidingEffect)) value = build(transaction.state.doc, effect.value);
    }
    return value;
  },
  provide: (self) => [
    EditorView.decorations.from(self, (value) => value.lines),
    gutterLineClass.from(self, (value) => value.numbers),
  ],
});

function build(doc, list) {
  const ranges = [];
  const numbers = [];
  for (const each of list) {
    if (each.line < 1 || each.line > doc.lines) continue;
    const line = doc.line(each.line);
    ranges.push(lit.range(line.from));
    numbers.push(litNumber.range(line.from));
    if (!each.title) continue;
    const widget = new Note(each.title, each.note ?? "");
    ranges.push(Decoration.widget({ widget, block: true, side: 1 }).range(line.to));
  }
  return { lines: Decoration.set(ranges, true), numbers: RangeSet.of(numbers, true) };
}

export const decidingLines = field;
