import assert from "node:assert/strict";

import { podsOnStage, toEnd } from "../hands.mjs";

export const name = "a stopped scheduler leaves new pods waiting; a picked object offers what can be done to it";

export async function run(page) {
  await toEnd(page);
  await page.getByRole("button", { name: "Stop kube-scheduler" }).click();
  await page.locator("[data-figure=scheduler].stopped").waitFor();

  // The Deployment's own button scales it; the new pod stays in the tray.
  await page.locator(".obj", { hasText: "my-deployment" }).first().click();
  const offered = page.getByRole("group", { name: /^What can be done to Deployment/ });
  await offered.getByRole("button", { name: "Scale to 4" }).click();
  await toEnd(page);
  assert.equal((await podsOnStage(page, "st-pending")).length, 1);

  await page.getByRole("button", { name: "Start kube-scheduler" }).click();
  await toEnd(page);
  assert.equal((await podsOnStage(page, "st-ready")).length, 4);
  await page.keyboard.press("Control+Backquote");
  await page.keyboard.type("sim");
  await page.keyboard.press("Enter");
  await page.locator(".term-b", { hasText: "sim stop PROCESS" }).waitFor();
}
