import assert from "node:assert/strict";

export const name = "acting in the past keeps the future it replaces, which can be opened again";

const steps = (page) => page.locator(".of").first().innerText();

export async function run(page) {
  await page.keyboard.press("End");
  const known = await steps(page);
  await page.keyboard.press("Home");
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowRight");
  const left = await page.locator(".stp-n").innerText();

  await page.keyboard.press("Control+Backquote");
  await page.keyboard.type("kubectl delete deployment my-deployment");
  await page.keyboard.press("Enter");
  await page.locator(".term-b .cm", { hasText: "delete deployment" }).waitFor();
  await page.keyboard.press("Escape");

  await page.locator(".tl").getByRole("button", { name: /kept future/ }).click();
  await page.getByRole("button", { name: /^Before: kubectl delete deployment/ }).click();
  assert.equal(await page.locator(".stp-n").innerText(), left);
  await page.keyboard.press("End");
  assert.equal(await steps(page), known);
}
