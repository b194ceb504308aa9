import assert from "node:assert/strict";

import { kubectl, place, podsOnStage, toEnd, until } from "../hands.mjs";

export const name = "the last command is taken back, and what it led to can be opened again";

export async function run(page) {
  await toEnd(page);
  const before = { place: await place(page), pods: await podsOnStage(page) };
  assert.equal(before.pods.length, 3);
  await kubectl(page, "scale deployment my-deployment --replicas=5");
  await toEnd(page);
  assert.equal((await podsOnStage(page)).length, 5);

  await page.getByRole("button", { name: "Take back the last command" }).click();
  await until(page, "the history is as it was", async () => (await place(page)).of === before.place.of);
  assert.deepEqual(await podsOnStage(page), before.pods);

  await page.locator(".tl").getByRole("button", { name: /kept future/ }).click();
  await page.getByRole("button", { name: /^Before: taking back/ }).click();
  await toEnd(page);
  assert.equal((await podsOnStage(page)).length, 5);
}
