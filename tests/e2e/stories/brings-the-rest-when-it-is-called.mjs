import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { computed, kubectl } from "../hands.mjs";

export const name = "what the first picture does without is there when it is called, however slow it comes";
export const options = { address: null };
export const needsTwoParts = true;

const NAMES = new URL("../../../target/xtask/first-names.json", import.meta.url);

/** Notes who asks for what is not there before there is a picture. */
function noteTheStack() {
  const ask = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (...given) {
    Error.stackTraceLimit = 12;
    if (performance.getEntriesByName("first-picture").length === 0) window.askedBy = new Error().stack;
    return ask.apply(this, given);
  };
}

/** The functions of that stack by their names; empty if nobody asked. */
async function whoAsked(page) {
  const stack = await page.evaluate(() => window.askedBy ?? "");
  const { from, names } = JSON.parse(await readFile(NAMES, "utf8"));
  return stack.replace(/wasm-function\[(\d+)\].*/g, (_, index) => names[index - from] ?? index);
}

export async function run(page, { open }) {
  await page.addInitScript(noteTheStack);
  const asked = [];
  const slow = [];
  await page.route(/_later\.wasm$/, async (route) => {
    const way = route.request().resourceType();
    asked.push(way);
    // What comes in the background is under way all the time; what is waited for is not.
    if (way === "fetch") slow.push(route);
    else await route.continue();
  });
  await open();
  assert.equal(await whoAsked(page), "", "the first picture waits for the second part: cargo xtask profile");
  await computed(page);
  await kubectl(page, "get pods -o yaml");
  await page.locator(".term-b", { hasText: "kind: List" }).waitFor();
  assert.deepEqual(asked, ["fetch", "xhr"]);

  // What was under way arrives at last, and changes nothing.
  for (const route of slow) await route.continue();
  await page.locator(".code .cm-content", { hasText: "kind: Deployment" }).waitFor();
  await kubectl(page, "scale deployment/my-deployment --replicas=2");
  await page.locator(".term-b", { hasText: "deployment.apps/my-deployment scaled" }).waitFor();
  assert.equal(asked.length, 2);
}
