// The manifest editor: CodeMirror 6 in a shadow root, behind the few calls that the page makes.
//
// A shadow root, because CodeMirror then brings its styles as a constructed style sheet, which a strict
// Content-Security-Policy lets through; the page's custom properties still reach inside.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";

import { assistance, closeAssistance } from "./assist.js";
import { changeGutter, setChangesEffect } from "./changes.js";
import { decidingLines, setDecidingEffect } from "./deciding.js";
import { diagnostics, setDiagnosticsEffect } from "./diagnostics.js";
import { lineNumbered } from "./places.js";
import { syntaxColours, theme } from "./theme.js";

/** Marks a change that the page made itself, so that it is not reported back as typing. */
const fromPage = Annotation.define();

/**
 * Opens an editor inside `parent`.
 *
 * options: {
 *   text: string, label: string, dark: boolean,
 *   onChange(text), onApply(), onLeave(),
 *   onComplete(text, line, column), onHover(text, line, column): what the program knows (core/src/assist)
 * }
 */
export function createEditor(parent, options) {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const appearance = new Compartment();
  // After a fault of the program its functions must not be entered again; what is typed is still kept.
  const call = (name, ...values) => {
    if (!window.kubestepPage.hasFailed?.()) return options[name]?.(...values);
    if (name === "onChange") window.kubestepPage.keepDraft(...values);
  };

  const commands = [
    { key: "Mod-Enter", run: (view) => apply(view, call) },
    { key: "Escape", run: (view) => leave(view, call) },
    indentWithTab,
  ];

  const report = EditorView.updateListener.of((update) => {
    if (!update.docChanged || update.transactions.some((each) => each.annotation(fromPage))) return;
    call("onChange", update.state.doc.toString());
  });

  // Left to itself the browser replaces a selection by its own means, and keeps the old text's look in style
  // attributes, which a strict Content-Security-Policy reports.
  const replaceSelection = EditorView.domEventHandlers({
    beforeinput(event, view) {
      if (event.inputType !== "insertText" || event.data === null || view.state.selection.main.empty) return false;
      view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
      event.preventDefault();
      return true;
    },
  });

  const extensions = [
    changeGutter,
    lineNumbers(),
    history(),
    drawSelection(),
    highlightSpecialChars(),
    indentOnInput(),
    indentUnit.of("  "),
    bracketMatching(),
    highlightSelectionMatches({ minSelectionLength: 3 }),
    search({ top: true }),
    EditorView.lineWrapping,
    yaml(),
    syntaxColours,
    decidingLines,
    diagnostics,
    assistance(call),
    appearance.of(theme(options.dark)),
    keymap.of([...commands, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false", tabindex: "0" }),
    replaceSelection,
    report,
  ];

  const view = new EditorView({ state: EditorState.create({ doc: options.text, extensions }), parent: root, root });

  return {
    getText: () => view.state.doc.toString(),
    setText(text) {
      if (text === view.state.doc.toString()) return;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        annotations: fromPage.of(true),
      });
    },
    setDiagnostics: (list) => view.dispatch({ effects: setDiagnosticsEffect.of(list) }),
    setDeciding(list) {
      view.dispatch({ effects: setDecidingEffect.of(list) });
      if (list.length && !view.hasFocus) reveal(view, list[0].line);
    },
    setChanges: (list) => view.dispatch({ effects: setChangesEffect.of(list) }),
    setTheme: (dark) => view.dispatch({ effects: appearance.reconfigure(theme(dark)) }),
    revealLine(number) {
      const line = lineNumbered(view.state.doc, number);
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

/** What is offered at the caret is no longer wanted once the text is applied: Esc leaves the editor at once. */
function apply(view, call) {
  closeAssistance(view);
  call("onApply");
  return true;
}

/** Esc gives the page its single-key shortcuts back. */
function leave(view, call) {
  closeAssistance(view);
  view.contentDOM.blur();
  call("onLeave");
  return true;
}

/** Scrolls a line into view without taking the caret, and only if it is out of sight. */
function reveal(view, number) {
  const line = lineNumbered(view.state.doc, number);
  view.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: "nearest", yMargin: 54 }) });
}

// The page has started when this file arrives, and waits for the event.
window.kubestepPage = Object.assign(window.kubestepPage ?? {}, { createEditor });
window.dispatchEvent(new Event("kubestep:editor"));
