import assert from "node:assert/strict";

export const name = "without its second part the page shows its first picture, says what is missing, and keeps the manifests";
export const options = { address: null };
export const needsTwoParts = true;

export async function run(page, { open, expectFault }) {
  expectFault(/_later\.wasm/);
  expectFault(/ERR_FAILED/);
  expectFault(/^uncaught: /);
  await page.route(/_later\.wasm$/, (route) => route.abort());
  // The editor calls what is missing: it comes once the first picture is seen.
  let letEditorCome;
  const seen = new Promise((resolve) => (letEditorCome = resolve));
  await page.route(/editor\.js$/, (route) => seen.then(() => route.continue()));
  await open();
  await page.locator(".stage", { hasText: "node-1" }).waitFor();
  letEditorCome();

  await page.getByText("A part of the page did not arrive.").waitFor();
  const editor = page.locator(".cm-content");
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("# kept");
  assert.match(await page.evaluate(() => localStorage.getItem("kubestep.draft")), /kind: Deployment[^]*# kept/);
}
