// The YAML editor: CodeMirror 6 behind the few calls that the page makes.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";

/**
 * Puts an editor into `parent`.
 *
 * @param {Element} parent where it goes
 * @param {string} text what it holds at first
 * @param {(text: string) => void} onChange called with the whole text after every edit
 * @returns {EditorView}
 */
export function createEditor(parent, text, onChange) {
  const nonce = document.querySelector('meta[name="style-nonce"]')?.content ?? "";
  const extensions = [
    EditorView.cspNonce.of(nonce),
    lineNumbers(),
    history(),
    yaml(),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
  return new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
}
