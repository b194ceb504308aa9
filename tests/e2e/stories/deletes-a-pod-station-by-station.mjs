import assert from "node:assert/strict";

import { computed, headline, kubectl, move, place, podsOnStage, toEnd } from "../hands.mjs";

export const name = "kubectl delete pod: each station of the pod's end is a step, told and drawn";
export const options = { reducedMotion: "reduce" };

/** What is told of the deleted pod, in this order, and how it looks then. */
const STATIONS = [
  { says: (pod) => `Deletes ${pod}: the request names no grace period`, state: "st-term" },
  { says: () => /^Updates my-service-\w+: 1 terminates; 2 of 3 ready/, state: "st-term" },
  { says: (pod) => `Sends SIGTERM to my-container of ${pod}`, state: "st-term", shows: "SIGTERM" },
  { says: (pod) => `Sees my-container of ${pod} end with 0 after SIGTERM`, state: "st-term" },
  { says: (pod) => `Takes the sandbox of ${pod} down`, state: "st-term" },
  // A pod that has ended serves nobody: its endpoint goes before it does.
  { says: () => /^Updates my-service-\w+: 1 removed; 3 of 3 ready/, state: "st-term" },
  { says: (pod) => `Deletes ${pod} with grace 0`, state: "st-term" },
  { says: (pod) => `Removes ${pod}: its grace period is 0`, state: null },
];

export async function run(page) {
  await toEnd(page);
  const [pod, ...others] = await podsOnStage(page, "st-ready");
  const figure = page.locator(`[data-pod="${pod}"]`);
  const { of: known } = await place(page);
  await kubectl(page, `delete pod ${pod}`);
  await computed(page);
  await page.getByRole("button", { name: /^Pause/ }).or(page.getByRole("button", { name: /^Play/ })).waitFor();

  for (const { says, state, shows } of STATIONS) {
    const words = says(pod);
    const isTold = (text) => (words instanceof RegExp ? words.test(text) : text.startsWith(words));
    let told = await headline(page);
    while (!isTold(told)) {
      const { step, of } = await place(page);
      assert.ok(step < of && of > known, `the run ended before "${words}" was told`);
      await move(page, "ArrowRight");
      told = await headline(page);
    }
    assert.equal(await figure.count(), state ? 1 : 0, `${told}: is the pod on the stage?`);
    if (state) assert.match(await figure.getAttribute("class"), new RegExp(state), told);
    if (shows) await figure.getByText(shows, { exact: true }).waitFor();
  }

  await toEnd(page);
  const ready = await podsOnStage(page, "st-ready");
  assert.equal(ready.length, 3);
  for (const other of others) assert.ok(ready.includes(other), `${other} was left alone`);
}
