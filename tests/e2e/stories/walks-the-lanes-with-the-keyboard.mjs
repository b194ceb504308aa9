import assert from "node:assert/strict";

import { place, toEnd, toStart, until } from "../hands.mjs";

export const name = "the timeline's lanes are walked with the keyboard, and its edge is moved with it";

export async function run(page) {
  await toEnd(page);
  await toStart(page);
  const lanes = page.getByRole("grid", { name: "Lanes" });
  await lanes.focus();
  const chosen = async () => {
    const cell = lanes.locator("[role=gridcell][aria-selected=true]");
    return { lane: await cell.locator("xpath=../*[@role='rowheader']").innerText(), words: await cell.innerText() };
  };
  assert.deepEqual(await chosen(), { lane: "API server", words: "No step yet" });
  const names = await lanes.getByRole("rowheader").allInnerTexts();
  for (let lane = 1; lane <= names.indexOf("Scheduler"); lane += 1) await page.keyboard.press("ArrowDown");
  await until(page, "the scheduler's lane is chosen", async () => (await chosen()).lane === "Scheduler");

  // Along the lane there are only the scheduler's own steps.
  let { step: before } = await place(page);
  for (let bound = 0; bound < 3; bound += 1) {
    await page.keyboard.press("ArrowRight");
    before = await until(page, "the lane's next step", async () => {
      const { step } = await place(page);
      return step > before && step;
    });
    assert.match((await chosen()).words, new RegExp(`^Step ${before}, [\\d.]+ ?s: (Binds|Records Event Scheduled)`));
  }

  const edge = page.getByRole("separator", { name: "Height of the timeline" });
  const height = async () => Number(await edge.getAttribute("aria-valuenow"));
  const usual = await height();
  await edge.focus();
  await page.keyboard.press("ArrowUp");
  await until(page, "the timeline is higher", async () => (await height()) === usual + 16);
  assert.equal((await page.locator(".tl").boundingBox()).height, usual + 16);
}
