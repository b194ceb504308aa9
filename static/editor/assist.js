// What may stand at the caret, and what the field there means. The page's program knows (core/src/assist); what a field
// is for is said in fields.txt.

import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  pickedCompletion,
  snippet,
  startCompletion,
} from "@codemirror/autocomplete";
import { StateEffect, StateField } from "@codemirror/state";
import { closeHoverTooltips, hoverTooltip, keymap, showTooltip } from "@codemirror/view";

import fieldsText from "./fields.txt";
import { columnAt, offsetAt } from "./places.js";

let read;
/** The words about a field, by the type that declares it and its name: `v1.DeploymentSpec.replicas`. */
function wordsAbout(topic) {
  read ??= new Map(
    fieldsText
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
  );
  return read.get(topic) ?? "";
}

/**
 * Completion and explanations. `ask(name, ...)` asks the program: `onComplete(text, line, column)` and
 * `onHover(text, line, column)`, lines and columns from 1.
 */
export function assistance(ask) {
  const askAt = (name, state, position) => {
    const line = state.doc.lineAt(position);
    return ask(name, state.doc.toString(), line.number, columnAt(line, position));
  };

  const complete = (context) => {
    const found = askAt("onComplete", context.state, context.pos);
    if (!found) return null;
    const line = context.state.doc.line(found.line);
    const [from, to] = [offsetAt(line, found.from), offsetAt(line, found.to)];
    // Unasked, keys are offered once one is begun, values as soon as their key stands there.
    const isBegun = from < context.pos || found.options[0].kind === "value";
    if (!context.explicit && !isBegun) return null;
    const validFor = found.options[0].kind === "skeleton" ? /^[\w: ]*$/ : /^[\w./-]*$/;
    return { from, to, options: found.options.map(option), validFor };
  };

  const explain = (view, position) => {
    const found = askAt("onHover", view.state, position);
    if (!found) return null;
    const line = view.state.doc.lineAt(position);
    return {
      pos: offsetAt(line, found.from),
      end: offsetAt(line, found.to),
      above: true,
      create: () => ({ dom: explanation(found) }),
    };
  };

  const explainAtCaret = (view) => {
    const tooltip = explain(view, view.state.selection.main.head);
    if (!tooltip) return false;
    const create = () => {
      const { dom } = tooltip.create();
      // Asked for by a key it is read out.
      dom.setAttribute("role", "status");
      return { dom };
    };
    view.dispatch({ effects: showExplanation.of({ ...tooltip, create }) });
    return true;
  };

  const close = (view) => {
    if (!view.state.field(explained)) return false;
    view.dispatch({ effects: showExplanation.of(null) });
    return true;
  };

  return [
    autocompletion({ override: [complete], icons: false, maxRenderedOptions: 80, closeOnBlur: true }),
    hoverTooltip(explain, { hoverTime: 350 }),
    explained,
    keymap.of([
      { key: "F1", run: explainAtCaret },
      { key: "Escape", run: close },
      { key: "Tab", run: acceptCompletion },
    ]),
  ];
}

/** Takes away whatever is offered or explained. */
export function closeAssistance(view) {
  closeCompletion(view);
  view.dispatch({ effects: [showExplanation.of(null), closeHoverTooltips] });
}

const showExplanation = StateEffect.define();

/** The explanation that a key asked for; typing and moving take it away. */
const explained = StateField.define({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) if (effect.is(showExplanation)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : tooltip;
  },
  provide: (self) => showTooltip.from(self),
});

function option({ label, detail, text, kind, topic, words, required }, index) {
  const about = words || wordsAbout(topic);
  return {
    label,
    detail: [required ? "required" : "", detail].filter(Boolean).join(", "),
    type: kind,
    // They come best first, and CodeMirror would sort them by name.
    boost: Math.max(99 - index, -99),
    info: about ? () => paragraph(about, "ks-words") : undefined,
    apply: kind === "skeleton" ? snippet(numbered(text)) : (view, completion, from, to) => put(view, completion, from, to, text),
  };
}

function put(view, completion, from, to, text) {
  // A key that is being renamed keeps what follows it.
  const hasColon = view.state.sliceDoc(to, to + 1) === ":";
  const insert = hasColon && completion.type === "key" ? completion.label : text;
  view.dispatch({
    changes: { from, to, insert },
    // Between braces that were put there, the caret stays.
    selection: { anchor: from + insert.length - (/(\{\}|\[\])$/.test(insert) ? 1 : 0) },
    userEvent: "input.complete",
    annotations: pickedCompletion.of(completion),
    scrollIntoView: true,
  });
  if (/(: |- |\n +)$/.test(insert)) startCompletion(view);
}

/** `${web}` as CodeMirror writes its fields: numbered, the same words with the same number. */
function numbered(text) {
  const known = [];
  return text.replace(/\$\{([^}]*)\}/g, (_, words) => {
    if (!known.includes(words)) known.push(words);
    return `\${${known.indexOf(words) + 1}:${words}}`;
  });
}

function explanation(found) {
  const dom = document.createElement("div");
  dom.className = "ks-about";
  dom.append(paragraph(found.path, "ks-path"));
  const facts = [found.holds];
  if (found.required) facts.push("required");
  if (found.immutable) facts.push("stays as it was created");
  if (found.ofTheServer) facts.push("written by the API server");
  dom.append(paragraph(facts.join(" · "), "ks-facts"));
  if (found.values.length) dom.append(paragraph(`One of ${found.values.join(", ")}`, "ks-facts"));
  if (found.default) dom.append(paragraph(`Default: ${found.default}`, "ks-facts"));
  const about = found.words || wordsAbout(found.topic);
  if (about) dom.append(paragraph(about, "ks-words"));
  return dom;
}

function paragraph(text, name) {
  const element = document.createElement("p");
  element.className = name;
  element.textContent = text;
  return element;
}
