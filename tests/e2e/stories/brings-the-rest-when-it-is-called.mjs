import assert from "node:assert/strict";

import { computed, kubectl } from "../hands.mjs";

export const name = "what the first picture does without is there when it is called, however slow it comes";
export const options = { address: null };
export const needsTwoParts = true;

export async function run(page, { open }) {
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
  assert.deepEqual(asked.filter((way) => way !== "fetch"), [], "the first picture waits for the second part: cargo xtask profile");
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
