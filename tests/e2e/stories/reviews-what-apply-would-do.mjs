import assert from "node:assert/strict";

import { place, toEnd, until } from "../hands.mjs";

export const name = "Review shows each object as it would be, plans the rollout, and does nothing; then Apply does it";

export async function run(page, { violations }) {
  await toEnd(page);
  const { of: steps } = await place(page);
  const editor = page.locator(".cm-content").first();
  await editor.click();
  const manifests = (await editor.locator(".cm-line").allInnerTexts()).join("\n");
  await page.keyboard.press("ControlOrMeta+A");
  const changed = manifests.replace("image: my-image", "image: my-image:2");
  assert.notEqual(changed, manifests);
  await page.keyboard.insertText(`${changed}\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: broken\nspec:\n  ports:\n  - port: 800000\n    targetPort: 80\n`);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Review" }).click();
  const dialog = page.getByRole("dialog", { name: "What Apply would do" });
  const plan = dialog.getByRole("region", { name: "Rollout of my-deployment" });
  await plan.waitFor();
  const sums = await plan.locator(".sum span").allInnerTexts();
  const rows = [0, 3, 6, 9].map((at) => sums.slice(at, at + 3).join(" "));
  assert.deepEqual(rows, [
    "maxSurge 25% of 3 = 0.75, rounded up 1",
    "maxUnavailable 25% of 3 = 0.75, rounded down 0",
    "ceiling 3 + 1 4",
    "floor 3 - 0 3",
  ]);
  assert.match(await plan.innerText(), /Complete after \d+ steps, in [\d.]+ s\.\s+Never fewer than 3 available, never more than 4 pods/);

  const object = (words) => dialog.locator(".review-object", { hasText: words });
  assert.match(await object("my-deployment").innerText(), /configured[\s\S]*-.*image: my-image\n[\s\S]*\+.*image: my-image:2/);
  assert.match(await object("broken").innerText(), /refused[\s\S]*Invalid value: 800000/);
  assert.match(await dialog.locator(".review-said").innerText(), /deployment\.apps\/my-deployment configured/);
  assert.match(await dialog.innerText(), /What is not refused is applied all the same/);
  assert.deepEqual(await violations(), [], "the review");
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  await page.getByRole("button", { name: "Review" }).click();
  await plan.waitFor();
  assert.deepEqual(await violations(), [], "the review in the other theme");

  // Nothing has happened yet.
  assert.equal((await place(page)).of, steps);
  await dialog.getByRole("button", { name: "Apply" }).click();
  await until(page, "the rollout is under way", async () => (await place(page)).of > steps);
  await page.locator(".term-b .cm", { hasText: "kubectl apply -f manifests.yaml" }).nth(1).waitFor();
}
