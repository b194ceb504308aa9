import assert from "node:assert/strict";

import { until } from "../hands.mjs";

export const name = "the editor completes keys, values and whole manifests, explains fields, and puts right what was meant";

export async function run(page, { violations }) {
  const editor = page.locator(".cm-content").first();
  await editor.click();
  const write = async (text) => {
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText(text);
  };
  const text = async () => (await editor.locator(".cm-line").allInnerTexts()).join("\n");
  const reads = (pattern) => until(page, `the editor reads ${pattern}`, async () => pattern.test(await text()));
  const list = page.locator(".cm-tooltip-autocomplete");
  const option = (words) => list.getByRole("option").filter({ hasText: words });
  const take = async () => {
    // A list that has just come does not take keys that were meant for the text.
    await page.waitForTimeout(120);
    await page.keyboard.press("Tab");
  };

  // An empty file offers whole manifests.
  await write("\n");
  await page.keyboard.type("Servi");
  await option(/^Service\s*v1/).first().waitFor();
  await take();
  await reads(/apiVersion: v1\nkind: Service\n[\s\S]*targetPort: 8080/);
  // Tab goes through what one will want to change, until Esc.
  await page.keyboard.press("Escape");

  // Keys that are not there yet, what must be given first.
  await write("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n");
  await page.keyboard.type("    ima");
  await option(/^image\s*required/).waitFor();
  assert.match(await list.getByRole("option").first().innerText(), /^image\s*required, text$/);
  assert.deepEqual(await violations(), [], "the open list");
  await take();
  await page.keyboard.type("a:1");
  // Values with their default; the list comes by itself once the key stands there.
  await page.keyboard.press("Enter");
  await page.keyboard.type("imageP");
  await option(/^imagePullPolicy/).waitFor();
  await take();
  await option(/^IfNotPresent/).waitFor();
  await page.keyboard.type("Nev");
  await option(/^Never/).waitFor();
  await take();
  await reads(/image: a:1\n\s+imagePullPolicy: Never$/);

  // What a field is: by the mouse, and by a key.
  await editor.getByText("imagePullPolicy", { exact: true }).hover();
  const about = page.locator(".ks-about");
  await about.filter({ hasText: "spec.containers[0].imagePullPolicy" }).waitFor();
  assert.match(await about.innerText(), /One of Always, IfNotPresent, Never[\s\S]*Default: IfNotPresent|One of Always, IfNotPresent, Never/);
  await page.mouse.move(5, 5);
  await page.keyboard.press("Home");
  await page.keyboard.press("F1");
  await about.filter({ hasText: "imagePullPolicy" }).waitFor();
  assert.deepEqual(await violations(), [], "an explanation");
  await page.keyboard.press("Escape");
  await about.waitFor({ state: "detached" });

  // Documents of the page's own.
  await write("apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec:\n");
  await page.keyboard.type("  kube");
  await option(/^kubelets/).waitFor();
  await take();
  await option(/^Manual/).waitFor();
  await page.keyboard.press("Escape");

  // A near miss is put right with a key, or with a click.
  await write("apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  typ: NodePrt\n  ports:\n  - port: 80\n");
  const fix = page.locator(".ks-fix");
  await fix.filter({ hasText: "Replace with type" }).waitFor();
  assert.equal(await page.locator(".ks-sq.ks-error").first().innerText(), "typ", "the words that are wrong are marked");
  assert.deepEqual(await violations(), [], "an offer to put something right");
  await page.keyboard.press("ControlOrMeta+.");
  await page.keyboard.press("ControlOrMeta+.");
  await reads(/\n {2}type: NodePrt/);
  await fix.filter({ hasText: "Replace with NodePort" }).click();
  await reads(/\n {2}type: NodePort/);
  await page.locator(".ks-diag").first().waitFor({ state: "detached" });
}
