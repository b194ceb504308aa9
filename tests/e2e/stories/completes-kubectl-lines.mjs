import assert from "node:assert/strict";

import { podsOnStage, toEnd, until } from "../hands.mjs";

export const name = "the kubectl line completes commands, types and names with Tab, and gives the focus on where it cannot";

export async function run(page) {
  await toEnd(page);
  await page.keyboard.press("Control+Backquote");
  const line = page.getByRole("textbox", { name: "kubectl command" });
  const reads = (text) => until(page, `the line is ${JSON.stringify(text)}`, async () => (await line.inputValue()) === text);

  // The suggestion stands beside the empty line, whole, and Tab takes it.
  const suggested = page.locator(".term-ghost");
  const { whole, text } = await suggested.evaluate((ghost) => ({
    whole: ghost.scrollWidth <= ghost.clientWidth,
    text: ghost.firstChild.textContent,
  }));
  assert.ok(whole, "the suggestion is not cut");
  await page.keyboard.press("Tab");
  await reads(text);

  await line.fill("");
  await page.keyboard.type("kubectl del");
  await page.keyboard.press("Tab");
  await reads("kubectl delete ");
  await page.keyboard.type("pod my");
  await page.keyboard.press("Tab");
  const [pod] = await podsOnStage(page);
  const shared = pod.slice(0, pod.lastIndexOf("-") + 1);
  await reads(`kubectl delete pod ${shared}`);
  assert.equal(await page.locator(".term-words span").count(), 3, "the three pods are listed");
  await page.keyboard.type(pod.slice(shared.length, -1));
  await page.keyboard.press("Tab");
  await reads(`kubectl delete pod ${pod} `);

  await page.keyboard.type("zzz");
  await page.keyboard.press("Tab");
  await until(page, "the focus has gone on", () => line.evaluate((field) => document.activeElement !== field));
}
