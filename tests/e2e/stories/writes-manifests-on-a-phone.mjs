import assert from "node:assert/strict";

import { toEnd } from "../hands.mjs";

export const name = "on a phone the editor completes, puts right and reviews within the width of the screen";
export const options = { viewport: { width: 390, height: 844 }, hasTouch: true };

export async function run(page, { violations }) {
  await toEnd(page);
  await page.getByRole("tablist", { name: "Panels" }).getByRole("tab", { name: "YAML" }).click();
  const editor = page.locator(".cm-content").first();
  await editor.click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replica: 3\n");
  await page.keyboard.type("  sel");
  const list = page.locator(".cm-tooltip-autocomplete");
  await list.getByRole("option").filter({ hasText: /^selector/ }).waitFor();
  await isWithin(page, list, "the list");
  assert.deepEqual(await violations(), [], "the open list");
  await list.getByRole("option").filter({ hasText: /^selector/ }).click();
  await page.keyboard.press("Escape");
  const fix = page.locator(".ks-fix", { hasText: "replicas" });
  await fix.waitFor();
  await isWithin(page, fix, "the offer");
  await fix.click();
  await page.locator(".cm-line", { hasText: "replicas: 3" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Review" }).click();
  const dialog = page.getByRole("dialog", { name: "What Apply would do" });
  await dialog.waitFor();
  await isWithin(page, dialog, "the review");
  assert.deepEqual(await violations(), [], "the review");
}

async function isWithin(page, locator, what) {
  const { x, width } = await locator.first().boundingBox();
  assert.ok(x >= 0 && x + width <= 390, `${what} lies within the screen: ${x} to ${x + width}`);
}
