import assert from "node:assert/strict";

export const name = "without its program the page says so and keeps the manifests";
export const options = { address: null };

export async function run(page, { url, expectFault }) {
  expectFault(/\.wasm/);
  expectFault(/Failed to fetch/);
  expectFault(/ERR_FAILED/);
  await page.addInitScript(() => localStorage.setItem("kubestep.draft", "kind: Pod # mine\n"));
  await page.route(/\.wasm$/, (route) => route.abort());
  await page.goto(url);
  await page.getByText("The simulated cluster did not start.").waitFor();
  const editor = page.locator(".cm-content");
  assert.match(await editor.innerText(), /kind: Pod # mine/);
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("more: kept");
  assert.match(await page.evaluate(() => localStorage.getItem("kubestep.draft")), /more: kept/);
}
