// The strip beside the line numbers: which lines differ from what was applied last.

import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { gutter, GutterMarker } from "@codemirror/view";

/** Replaces all marks: a list of `{ line, kind: "add" | "chg" | "del" }`, sorted by line. */
export const setChangesEffect = StateEffect.define();

class Mark extends GutterMarker {
  constructor(kind) {
    super();
    this.elementClass = `ks-change ks-${kind}`;
  }
}

const marks = { add: new Mark("add"), chg: new Mark("chg"), del: new Mark("del") };

const field = StateField.define({
  create: () => RangeSet.empty,
  update(set, transaction) {
    set = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setChangesEffect)) set = build(transaction.state.doc, effect.value);
    }
    return set;
  },
});

function build(doc, list) {
  const known = list.filter((each) => each.line >= 1 && each.line <= doc.lines);
  return RangeSet.of(known.map((each) => marks[each.kind].range(doc.line(each.line).from)), true);
}

export const changeGutter = [field, gutter({ class: "ks-changes", markers: (view) => view.state.field(field) })];
