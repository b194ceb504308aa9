import assert from "node:assert/strict";

import { podsOnStage, sim, toEnd, until } from "../hands.mjs";

export const name = "a node is cut off by its menu and reconnected from the keyboard; its pods are replaced meanwhile";

const menu = (page) => page.getByRole("menu", { name: "What can be done to node-1" });

export async function run(page, { violations }) {
  await toEnd(page);
  const before = await podsOnStage(page);
  const figure = page.locator('[data-figure="node:node-1"]');
  await figure.locator(".node-h").click({ button: "right" });
  await menu(page).waitFor();
  assert.deepEqual(await violations(), [], "the menu");
  await page.keyboard.press("Escape");
  await menu(page).waitFor({ state: "detached" });

  await figure.locator(".node-h").click({ button: "right" });
  await menu(page).getByRole("menuitem", { name: "Cut off" }).click();
  await sim(page, "wait 6m");
  await toEnd(page);
  await page.locator('[data-figure="node:node-1"].notready').waitFor();
  const after = await podsOnStage(page);
  assert.ok(after.some((pod) => !before.includes(pod)), "a pod was replaced");
  assert.ok((await podsOnStage(page, "st-term")).length > 0, "nobody has told its kubelet");

  await figure.focus();
  await page.keyboard.press("Shift+F10");
  await menu(page).waitFor();
  await until(page, "the menu has the focus", () => menu(page).locator(":focus").count());
  while ((await menu(page).locator(":focus").innerText()) !== "Reconnect") await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await menu(page).waitFor({ state: "detached" });
  await toEnd(page);
  await page.locator('[data-figure="node:node-1"]:not(.notready)').waitFor();
  assert.deepEqual(await podsOnStage(page, "st-term"), [], "told at last");

  await page.locator('[data-figure="controller-manager"]').click({ button: "right", position: { x: 20, y: 12 } });
  await page.getByRole("menuitem", { name: "Stop deployment", exact: true }).click();
  await page.locator(".chip.off", { hasText: "deployment" }).waitFor();
}
