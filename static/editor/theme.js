// How the editor looks: the page's custom properties, so that both themes come from one place.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const syntaxColours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--y-key)" },
    { tag: [tags.string, tags.content, tags.attributeValue], color: "var(--y-str)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--y-num)" },
    { tag: [tags.comment, tags.lineComment], color: "var(--y-com)" },
    { tag: [tags.punctuation, tags.separator, tags.bracket, tags.meta, tags.keyword], color: "var(--y-punct)" },
  ]),
);

const bar = { content: '""', position: "absolute", left: "0", top: "0", bottom: "0", width: "3px", background: "var(--fg-0)" };

const wavy = (colour) => ({
  textDecoration: `underline wavy ${colour} 1px`,
  textUnderlineOffset: "3px",
  textDecorationSkipInk: "none",
});

const rules = {
  "&": { height: "100%", color: "var(--fg-1)", background: "var(--bg-1)", font: "12px/18px var(--font-mono)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "inherit", lineHeight: "18px", overflow: "auto", scrollbarColor: "var(--bg-4) transparent" },
  ".cm-content": { padding: "6px 0", caretColor: "var(--fg-0)", fontFeatureSettings: '"calt" 0, "liga" 0' },
  ".cm-line": { position: "relative", padding: "0 12px 0 9px" },
  ".cm-cursor": { borderLeft: "2px solid var(--fg-0)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--bg-4)" },
  ".cm-selectionMatch": { background: "var(--bg-4)" },
  "&.cm-focused .cm-matchingBracket": { background: "var(--bg-4)" },
  ".cm-specialChar": { color: "var(--fail-fg)" },

  ".cm-gutters": { background: "var(--bg-1)", border: "0", color: "var(--fg-3)" },
  ".cm-lineNumbers": { order: "-1" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "38px", padding: "0 10px 0 6px", fontSize: "11px" },
  ".ks-changes": { width: "3px" },
  ".ks-changes .ks-add": { background: "var(--ok)" },
  ".ks-changes .ks-chg": { background: "repeating-linear-gradient(180deg, var(--chg) 0 4px, transparent 4px 6px)" },
  ".ks-changes .ks-del": { borderBottom: "3px solid var(--fail)" },

  ".cm-line.ks-now": { background: "var(--row-now)" },
  ".cm-gutterElement.ks-now": { background: "var(--row-now)", color: "var(--fg-0)", fontWeight: "600" },
  ".cm-lineNumbers .cm-gutterElement.ks-now": { position: "relative" },
  ".cm-lineNumbers .cm-gutterElement.ks-now::before": bar,
  ".ks-ann": {
    display: "flex", alignItems: "center", gap: "6px", height: "20px", padding: "0 12px 0 9px", overflow: "hidden",
    background: "var(--row-now)", color: "var(--fg-0)", whiteSpace: "nowrap",
    font: "var(--w-medium) var(--t-11)/20px var(--font-ui)",
  },
  ".ks-ann span": { color: "var(--fg-2)", fontWeight: "var(--w-regular)", overflow: "hidden", textOverflow: "ellipsis" },
  ".ks-ic": { flex: "none", fill: "none", stroke: "currentColor", strokeWidth: "1.4", strokeLinecap: "round", strokeLinejoin: "round" },

  ".ks-sq.ks-error": wavy("var(--fail)"),
  ".ks-sq.ks-warning": wavy("var(--warn)"),
  ".ks-sq.ks-info": wavy("var(--line-3)"),
  ".ks-diag-room": { padding: "2px 12px 4px 9px" },
  ".ks-diag": {
    display: "flex", alignItems: "flex-start", gap: "6px", padding: "4px 8px",
    background: "var(--bg-2)", color: "var(--fg-1)", borderLeft: "2px solid var(--line-3)",
    borderRadius: "0 var(--r-2) var(--r-2) 0", font: "var(--t-11)/16px var(--font-ui)", whiteSpace: "normal",
  },
  ".ks-diag .ks-ic": { marginTop: "1px" },
  ".ks-diag.ks-error": { borderLeftColor: "var(--fail)" },
  ".ks-diag.ks-error .ks-ic": { color: "var(--fail-fg)" },
  ".ks-diag.ks-warning": { borderLeftColor: "var(--warn)" },
  ".ks-diag.ks-warning .ks-ic": { color: "var(--warn-fg)" },

  ".ks-fix": {
    flex: "none", marginLeft: "auto", padding: "0 6px", background: "var(--bg-3)", color: "var(--fg-0)", cursor: "pointer",
    border: "1px solid var(--line-2)", borderRadius: "var(--r-2)", font: "var(--w-medium) var(--t-11)/16px var(--font-ui)",
    maxWidth: "50%", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap",
  },
  ".ks-fix kbd": { marginLeft: "6px", color: "var(--fg-2)", font: "var(--t-10)/14px var(--font-mono)" },

  ".cm-tooltip": {
    background: "var(--bg-2)", color: "var(--fg-1)", border: "1px solid var(--line-2)", borderRadius: "var(--r-3)",
    boxShadow: "var(--shadow-pop)", zIndex: "60", maxWidth: "min(380px, calc(100vw - 24px))",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { font: "12px/18px var(--font-mono)", maxHeight: "220px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", gap: "10px", padding: "2px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--inv-bg)", color: "var(--inv-fg)" },
  ".cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail": { color: "var(--inv-fg-2)" },
  ".cm-completionDetail": { marginLeft: "auto", color: "var(--fg-2)", font: "italic var(--t-10)/18px var(--font-ui)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "6px 10px", maxWidth: "300px" },
  ".ks-about": { padding: "6px 10px 8px" },
  ".ks-about p": { margin: "0 0 2px" },
  ".ks-path": { font: "600 11px/16px var(--font-mono)", color: "var(--fg-0)", overflowWrap: "anywhere" },
  ".ks-facts": { font: "var(--t-11)/16px var(--font-ui)", color: "var(--fg-2)", overflowWrap: "anywhere" },
  ".ks-words": { margin: "0", font: "var(--t-11)/16px var(--font-ui)", color: "var(--fg-1)", whiteSpace: "normal" },
  ".ks-about .ks-words": { marginTop: "4px" },
  ".cm-snippetField": { background: "var(--bg-4)" },

  ".cm-panels": { background: "var(--bg-2)", color: "var(--fg-1)", borderBottom: "1px solid var(--line-2)" },
  ".cm-panel.cm-search": { padding: "6px 28px 6px 12px", font: "var(--t-11)/16px var(--font-ui)" },
  ".cm-panel.cm-search label": { color: "var(--fg-2)", fontSize: "inherit" },
  ".cm-textfield": { background: "var(--bg-0)", color: "var(--fg-1)", border: "1px solid var(--line-2)", borderRadius: "var(--r-2)", fontSize: "inherit" },
  ".cm-button": { background: "var(--bg-3)", backgroundImage: "none", color: "var(--fg-1)", border: "1px solid var(--line-2)", borderRadius: "var(--r-2)", fontSize: "inherit" },
  ".cm-panel.cm-search [name=close]": { color: "var(--fg-2)" },
  ".cm-searchMatch": { background: "var(--bg-4)" },
  ".cm-searchMatch-selected": { outline: "1px solid var(--fg-0)" },
};

/** CodeMirror's own defaults differ by theme, so it must hear which one is on. */
export const theme = (dark) => EditorView.theme(rules, { dark });
