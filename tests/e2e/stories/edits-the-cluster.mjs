import assert from "node:assert/strict";

import { computed, podsOnStage, toEnd, until } from "../hands.mjs";

export const name = "cluster.yaml describes nodes and settings: applied, the same manifests run on another cluster";

const editor = (page) => page.locator("#cluster .cm-content");

export async function run(page, { open, violations }) {
  await toEnd(page);
  const before = await podsOnStage(page);
  await page.getByRole("tab", { name: /cluster\.yaml/ }).click();
  await editor(page).waitFor();
  assert.deepEqual(await violations(), [], "the open file");

  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText("---\napiVersion: v1\nkind: Node\nmetadata:\n  name: node-4\n---\napiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec:\n  seed: many\n");
  await page.locator(".apply .errors", { hasText: /1 error, line \d+/ }).waitFor();
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.getByText(/^cluster\.yaml, line \d+: a seed is a whole number/).waitFor();
  assert.deepEqual(await podsOnStage(page), before, "nothing happened");

  await page.keyboard.press("ControlOrMeta+End");
  for (let letter = 0; letter < 5; letter += 1) await page.keyboard.press("Backspace");
  await page.keyboard.type("7");
  await page.locator(".apply .errors").waitFor({ state: "detached" });
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.keyboard.press("Escape");
  await toEnd(page);
  await page.getByText("node-4", { exact: true }).first().waitFor();
  const after = await podsOnStage(page);
  assert.equal(after.length, 3);
  assert.notDeepEqual(after, before, "another seed gives other names");
  await page.locator(".tl").getByRole("button", { name: /kept future/ }).waitFor();

  await open();
  await computed(page);
  await page.keyboard.press("End");
  await until(page, "the cluster is there after a reload", async () => {
    const now = await podsOnStage(page);
    return now.join() === after.join();
  });
}
