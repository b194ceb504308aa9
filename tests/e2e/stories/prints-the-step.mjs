import assert from "node:assert/strict";

import { headline, toEnd } from "../hands.mjs";

export const name = "on paper the step is a document: its sentence, its causes and what it changed";

export async function run(page) {
  await toEnd(page);
  const told = await headline(page);
  await page.emulateMedia({ media: "print" });
  const isShown = (selector) => page.locator(selector).first().isVisible();
  for (const part of [".insp .say", ".why li", ".diff"]) assert.ok(await isShown(part), `${part} is printed`);
  for (const part of [".stage", ".hdr", ".tl", ".left", ".rtab-body"]) assert.ok(!(await isShown(part)), `${part} is not`);
  assert.equal(await headline(page), told);
  const causes = await page.locator(".why li .txt").evaluateAll((all) => all.every((each) => each.scrollWidth <= each.clientWidth + 1));
  assert.ok(causes, "no cause is cut");
}
