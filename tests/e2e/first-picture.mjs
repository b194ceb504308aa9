// Prints which functions of an observed page's wasm module were called for the first picture, the editor, and the second
// after them, in which the page waits for the rest, as a JSON list of indices. `cargo xtask profile` starts it with a page
// whose functions note their calls: the exported global `called:7` is 1 once the function 7 was called.

import { freshPage, launch, open } from "./browser.mjs";

const IDLE_MS = 1_000;

/** The ways in which a first visit differs. */
const VISITS = [
  { colorScheme: "dark" },
  { colorScheme: "light", reducedMotion: "reduce" },
  { viewport: { width: 390, height: 844 } },
];

/** Keeps the exports of the page's module in reach. */
function watchInstances() {
  const streaming = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...given) => {
    const result = await streaming(...given);
    window.observed = result.instance.exports;
    return result;
  };
}

/** The second part, which lets the page play, would come when the first picture is there. */
function letNothingFollow() {
  window.PerformanceObserver = class {
    observe() {}
  };
}

/** The editor belongs to the first part: it has to work if the second never comes. */
function bringTheEditor() {
  const script = document.createElement("script");
  script.type = "module";
  script.src = "editor.js";
  document.head.append(script);
}

function calledFunctions() {
  const notes = Object.entries(window.observed).filter(([name, note]) => name.startsWith("called:") && note.value === 1);
  return notes.map(([name]) => Number(name.slice("called:".length)));
}

const browser = await launch();
const called = new Set();
for (const options of VISITS) {
  const { page, close } = await freshPage(browser, options);
  await page.addInitScript(watchInstances);
  await page.addInitScript(letNothingFollow);
  await open(page);
  await page.evaluate(bringTheEditor);
  await page.waitForFunction(() => window.kubestepPage.createEditor);
  await page.waitForTimeout(IDLE_MS);
  const indices = await page.evaluate(calledFunctions);
  for (const index of indices) called.add(index);
  await close();
}
await browser.close();
console.log(JSON.stringify([...called].sort((one, other) => one - other)));
