import assert from "node:assert/strict";

import { kubectl, move, place, podsOnStage, toEnd } from "../hands.mjs";

export const name = "a reload brings back the draft, what was done and typed, and the step in view";

export async function run(page, { open }) {
  // At once, while the simulation still computes: what is typed must find the prompt.
  await kubectl(page, "scale deployment my-deployment --replicas=2");
  await toEnd(page);
  await move(page, "ArrowLeft");
  const left = await place(page);
  const pods = await podsOnStage(page);

  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.type("# not applied yet\n");
  await page.keyboard.press("Escape");
  await page.getByText("1 change").waitFor();

  await open();
  await page.locator(".cm-content", { hasText: "# not applied yet" }).waitFor();
  await page.locator(".term-b .cm", { hasText: "--replicas=2" }).waitFor();
  assert.deepEqual(await place(page), left);
  assert.deepEqual(await podsOnStage(page), pods);

  // The prompt still knows what was typed.
  await page.keyboard.press("Control+Backquote");
  await page.keyboard.press("ArrowUp");
  const field = page.locator(".term-b input");
  assert.equal(await field.inputValue(), "kubectl scale deployment my-deployment --replicas=2");
}
