import assert from "node:assert/strict";

import { kubectl, playedOut, toEnd, until } from "../hands.mjs";

export const name = "a static pod is moved from one node to another by its file: the kubelets do the rest";

const editor = (page) => page.locator("#directory .cm-content");
const node = (page, name) => page.locator(`.close-node[data-figure="node:${name}"]`);
const saved = (page, name) => page.locator(".dir-bar .pend", { hasText: `Saved on ${name}, not in the API` });

export async function run(page, { open, violations }) {
  await toEnd(page);
  await page.getByRole("tab", { name: /^node-1/ }).click();
  await node(page, "node-1").waitFor();
  assert.deepEqual(await violations(), [], "an empty directory");

  // A file that is begun is kept over a reload, and is on no disk before it is saved.
  await page.getByRole("button", { name: "New file on node-1" }).click();
  await editor(page).waitFor();
  await page.locator(".dir-bar .pend", { hasText: "Not on node-1's disk yet" }).waitFor();
  await open();
  await toEnd(page);
  await page.getByRole("tab", { name: /^node-1/ }).click();
  await editor(page).getByText("static-web", { exact: true }).waitFor();
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.keyboard.press("Escape");
  await toEnd(page);
  await saved(page, "node-1").waitFor();
  await node(page, "node-1").getByRole("button", { name: /^Static pod static-web-node-1, Ready/ }).waitFor();
  await page.locator(".mirrors .pod.mirror:not(.gone)", { hasText: "static-web-node-1" }).waitFor();
  await page.locator(".tl text.lane", { hasText: "Mirror pod" }).waitFor();
  assert.deepEqual(await violations(), [], "a static pod");

  // Deleting the mirror brings it back with another uid; the container has never stopped.
  const uid = () => page.locator(".mirrors .pod.mirror:not(.gone) .ip").first().innerText();
  const before = await uid();
  await kubectl(page, "delete pod static-web-node-1");
  await toEnd(page);
  await until(page, "another mirror", async () => (await uid()) !== before);
  await page.locator(".mirrors .pod.mirror.gone", { hasText: "Removed at" }).waitFor();
  await node(page, "node-1").getByRole("button", { name: /^Static pod static-web-node-1, Ready.*, 0 restarts$/ }).waitFor();

  // The other node's directory beside it, and both nodes on the stage; the file moves.
  await page.getByLabel("Directory beside it").selectOption("node-2");
  await node(page, "node-2").waitFor();
  await page.getByRole("button", { name: "Move to node-2" }).click();
  await playedOut(page);
  await toEnd(page);
  await saved(page, "node-2").waitFor();
  await node(page, "node-2").getByRole("button", { name: /^Static pod static-web-node-2, Ready/ }).waitFor();
  await node(page, "node-1").getByText("It runs no static pod.").waitFor();
  assert.deepEqual(await violations(), [], "two nodes");

  // The files say it all: a link or a reload does it again.
  await open();
  await toEnd(page);
  await page.getByRole("tab", { name: /^node-2/ }).click();
  await saved(page, "node-2").waitFor();
  await page.getByRole("listbox", { name: "Files on node-2" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("button", { name: "Delete file" }).click();
  await toEnd(page);
  await node(page, "node-2").getByText("no file", { exact: true }).waitFor();

  await page.keyboard.press("Escape");
  await page.locator(".plane").waitFor();
}
