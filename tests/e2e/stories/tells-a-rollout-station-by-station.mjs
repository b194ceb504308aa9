import assert from "node:assert/strict";

import { computed, kubectl, place, toEnd, until } from "../hands.mjs";

export const name = "a rollout, a drain and an outage are gone along station by station";
export const options = { reducedMotion: "reduce" };

const titles = (page) => page.locator(".prow .g .h > span").allInnerTexts();

/** Opens the stations that the step in view belongs to. */
async function open(page, words) {
  await page.getByRole("button", { name: words }).click();
  await page.locator(".phases").waitFor();
}

export async function run(page, { violations }) {
  await toEnd(page);
  await kubectl(page, "set image deployment/my-deployment my-container=my-image:2");
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  await open(page, "This rollout, station by station");
  await page.getByRole("heading", { name: "Rollout of my-deployment, revision 2" }).waitFor();
  const stations = await titles(page);
  assert.deepEqual(stations.slice(0, 3), ["Template changed", "New ReplicaSet", "New 0 to 1"]);
  assert.equal(stations.filter((title) => /^\d\/3: \w{5} must become ready$/.test(title)).length, 3);
  assert.deepEqual(stations.slice(-2), ["Complete", "Old pods drained"]);
  assert.deepEqual(await violations(), [], "a rollout");

  // Forward to the end: each press leads to a later station.
  const seen = [];
  for (;;) {
    const before = await place(page);
    const isLast = (await page.locator(".prow").last().getAttribute("class")).includes("cur");
    if (isLast) break;
    await page.keyboard.press(">");
    await until(page, "the next station", async () => (await place(page)).step > before.step);
    seen.push(Number(await page.locator(".prow.cur .g i").innerText()));
  }
  assert.deepEqual([...seen].sort((a, b) => a - b), seen);
  assert.equal(seen.at(-1), stations.length);
  await page.keyboard.press("<");
  await until(page, "one station back", async () => (await page.locator(".prow").last().getAttribute("class")).includes("todo"));
  await page.getByRole("button", { name: "Close the stations (D)" }).click();

  // A drain, and from it to the deletion of one of its pods.
  await toEnd(page);
  await kubectl(page, "drain node-1");
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  await open(page, "This drain, station by station");
  const drained = await titles(page);
  assert.equal(drained[0], "Drain asked for");
  assert.equal(drained.at(-1), "Drained");
  await page.locator(".prow", { hasText: /evicted/ }).first().getByRole("button").click();
  await page.getByRole("button", { name: "Its deletion in ten stations" }).click();
  await page.getByRole("heading", { name: /^Deletion of / }).waitFor();
  assert.equal((await titles(page)).length, 10);
  await page.getByRole("button", { name: "Close the stations (D)" }).click();
}
