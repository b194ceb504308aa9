import assert from "node:assert/strict";

import { kubectl, podsOnStage, toEnd } from "../hands.mjs";

export const name = "the control plane runs as static pods of its node: without its file the API server is gone, and pods run on";

const editor = (page) => page.locator("#cluster .cm-content");
const controlPlane = "---\napiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec:\n  controlPlane: StaticPods\n";

export async function run(page, { violations }) {
  await toEnd(page);
  await page.getByRole("tab", { name: /cluster\.yaml/ }).click();
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText(controlPlane);
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.keyboard.press("Escape");
  await toEnd(page);

  // A tainted node of its own, whose kubelet runs the four parts; the workload's pods are elsewhere.
  const figure = page.locator('[data-figure="node:control-plane"]');
  await figure.waitFor();
  const pods = await podsOnStage(page);
  for (const part of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
    assert.ok(pods.includes(`${part}-control-plane`), `${part} is among ${pods}`);
  }
  assert.equal(pods.filter((pod) => pod.startsWith("my-deployment")).length, 3);

  // Looked at closely: its files, its pods, and their mirrors in the API.
  await page.getByRole("tab", { name: /^control-plane/ }).click();
  const node = page.locator('.close-node[data-figure="node:control-plane"]');
  await node.waitFor();
  await page.getByRole("option", { name: /kube-apiserver\.yaml/ }).click();
  await node.getByRole("button", { name: /^Static pod kube-apiserver-control-plane, Ready/ }).waitFor();
  assert.deepEqual(await violations(), [], "the control plane's node");

  // Without the file nobody answers, and what runs goes on running.
  await page.getByRole("button", { name: "Delete file" }).click();
  await toEnd(page);
  await page.locator(".cp.stopped[data-figure=api-server]").waitFor();
  await kubectl(page, "get pods");
  await toEnd(page);
  await page.locator(".term-b", { hasText: /refused/ }).waitFor();
  await page.getByRole("button", { name: /^Whole cluster/ }).click();
  assert.equal((await podsOnStage(page, "st-ready")).filter((pod) => pod.startsWith("my-deployment")).length, 3);
}
