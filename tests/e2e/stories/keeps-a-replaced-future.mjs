import assert from "node:assert/strict";

import { kubectl, move, place, toEnd, toStart, until } from "../hands.mjs";

export const name = "acting in the past keeps the future it replaces, which can be opened again";

export async function run(page) {
  await toEnd(page);
  const { of: known } = await place(page);
  await toStart(page);
  for (let step = 0; step < 6; step += 1) await move(page, "ArrowRight");
  const { step: left } = await place(page);

  await kubectl(page, "delete deployment my-deployment");
  await page.locator(".tl").getByRole("button", { name: /kept future/ }).click();
  await page.getByRole("button", { name: /^Before: kubectl delete deployment/ }).click();
  await until(page, "the replaced future is open where it was left", async () => {
    const { step, of } = await place(page);
    return step === left && of === known;
  });
  await toEnd(page);
  assert.equal((await place(page)).of, known);
}
