// What a person does with the page. Each call ends when the page shows that it was done: keys become messages, and a
// message may wait for a slice of the simulation.

import assert from "node:assert/strict";

/** How long a condition may take to come true. */
const PATIENCE_MS = 20_000;
/** How long playing a whole run may take. */
const PLAYING_MS = 90_000;

/** Where the viewer stands: `{ step, of }`, as the playhead says it to assistive technology; step 0 is the start. */
export async function place(page) {
  const playhead = page.getByRole("slider", { name: "Playhead" });
  const [step, of] = await Promise.all(
    ["aria-valuenow", "aria-valuemax"].map(async (name) => Number(await playhead.getAttribute(name))),
  );
  return { step, of };
}

/** Asks again and again until `condition` answers with something true, and gives that; `what` names it. */
export async function until(page, what, condition, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    assert.ok(Date.now() < end, `not within ${patience / 1000} s: ${what}`);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve())));
  }
}

/** Waits until the simulation has come to rest. */
export function computed(page) {
  return page.locator("[aria-label=Timeline][aria-busy=false]").waitFor();
}

export async function toStart(page) {
  await page.keyboard.press("Home");
  await until(page, "the start is in view", async () => (await place(page)).step === 0);
}

/** To the last step of a run that has come to rest. */
export async function toEnd(page) {
  await computed(page);
  await page.keyboard.press("End");
  await until(page, "the last step is in view", async () => {
    const { step, of } = await place(page);
    return of > 0 && step === of;
  });
}

/** Presses `key`, which moves the viewer; gives the number of the step in view then. */
export async function move(page, key) {
  const { step: before } = await place(page);
  await page.keyboard.press(key);
  return until(page, `${key} leads away from step ${before}`, async () => {
    const { step } = await place(page);
    return step !== before && { step };
  }).then(({ step }) => step);
}

/** Types a command at the prompt; ends when it is part of the history, and playing. */
export function kubectl(page, line) {
  return prompt(page, `kubectl ${line}`, line);
}

/** Types a line that is no kubectl command at the prompt: time, faults. Ends when it is part of the history. */
export function sim(page, line) {
  // It is shown as it is kept: with the pod's namespace.
  const [verb] = line.split(" ");
  return prompt(page, `sim ${line}`, `sim ${verb}`);
}

async function prompt(page, line, shown) {
  const entered = page.locator(".term-b .cm", { hasText: shown });
  const before = await entered.count();
  await page.keyboard.press("Control+Backquote");
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
  await entered.nth(before).waitFor();
  await page.keyboard.press("Escape");
}

/** Plays until there is nothing more to show. */
export function playedOut(page) {
  const atRest = () => page.getByRole("button", { name: /^Play/ }).isVisible();
  return until(page, "playing comes to its end", atRest, PLAYING_MS);
}

/** The headline of the step in view; with a closed inspector it stands below the stage. */
export function headline(page) {
  return page.locator(".say,.say-strip .ell").first().innerText();
}

/** The names of the pods on the stage, sorted; `state` is the class of a state: `st-ready`. */
export async function podsOnStage(page, state = "") {
  const pods = page.locator(`[data-pod]${state && `.${state}`}`);
  return (await pods.evaluateAll((all) => all.map((pod) => pod.dataset.pod))).sort();
}

/** Steps on to the last step that is known; gives the headline of each step on the way. */
export async function headlinesToTheEnd(page) {
  await computed(page);
  const { of: known } = await place(page);
  const told = [];
  for (;;) {
    const { step: before } = await place(page);
    await page.keyboard.press("ArrowRight");
    // Behind the last step that is shown only far timers are left; stepping on lets the next one run out.
    const now = await until(page, "another step", async () => {
      const { step, of } = await place(page);
      return (step !== before || of > known) && step;
    });
    if (now === before || now > known) return told;
    told.push(await headline(page));
  }
}

/** Empties the cluster, applies `manifest` and waits until the simulation has come to rest; ends at the start of it. */
export async function begin(page, manifest) {
  await page.getByRole("button", { name: /^New: empty cluster/ }).click();
  await until(page, "the cluster is empty", async () => (await place(page)).of === 0);
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(manifest);
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.keyboard.press("Escape");
  await until(page, "the manifest is applied", async () => (await place(page)).of > 0);
  await computed(page);
}
