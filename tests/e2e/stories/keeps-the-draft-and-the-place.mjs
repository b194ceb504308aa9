import assert from "node:assert/strict";

export const name = "a reload brings back the draft, what was done, and the step in view";

export async function run(page, { open }) {
  await page.keyboard.press("End");
  await page.keyboard.press("Control+Backquote");
  await page.keyboard.type("kubectl scale deployment my-deployment --replicas=2");
  await page.keyboard.press("Enter");
  await page.locator(".term-b .cm", { hasText: "--replicas=2" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  const place = await page.locator(".stp-n").innerText();

  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.type("# not applied yet\n");
  await page.keyboard.press("Escape");
  await page.getByText("1 change").waitFor();

  await open();
  assert.equal(await page.locator(".stp-n").innerText(), place);
  assert.match(await page.locator(".cm-content").innerText(), /# not applied yet/);
  await page.locator(".term-b .cm", { hasText: "--replicas=2" }).waitFor();
}
