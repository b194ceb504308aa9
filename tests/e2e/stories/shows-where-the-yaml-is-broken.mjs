import assert from "node:assert/strict";

import { move, toStart } from "../hands.mjs";

export const name = "broken YAML is marked at its line, and Apply says what kubectl says";

export async function run(page) {
  const editor = page.locator(".cm-content");
  await editor.click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText("apiVersion: v1\nkind: Service\nmetadata:\n  name: [web\nspec: {}\n");

  const place = page.locator("#apply").locator("xpath=..").getByRole("button", { name: /^1 error, line \d+/ });
  const [, line] = /line (\d+)/.exec(await place.innerText());
  const message = page.locator(".ks-diag.ks-error");
  await message.first().waitFor();
  assert.ok(Number(line) >= 4 && Number(line) <= 6, `line ${line} is where the bracket is missed`);

  await page.keyboard.press("ControlOrMeta+Enter");
  await page.locator(".term-b .bad", { hasText: "error" }).first().waitFor();

  // Nothing is dead: the page goes on from here.
  await page.keyboard.press("Escape");
  await toStart(page);
  assert.equal(await move(page, "ArrowRight"), 1);
}
