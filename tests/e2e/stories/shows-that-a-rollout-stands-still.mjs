import assert from "node:assert/strict";

import { computed, headline, place, toEnd, until } from "../hands.mjs";

export const name = "a rollout that stands still is marked, and its deadline is one press away; a cluster that never settles says so";

const FAILS = `apiVersion: v1
kind: Pod
metadata:
  name: fails
  annotations:
    sim.kubestep.dev/exit-after: 100ms
    sim.kubestep.dev/exit-code: "1"
spec:
  containers:
  - name: web
    image: web:1
`;

export async function run(page) {
  await page.getByRole("button", { name: "Lessons", exact: true }).click();
  await page.getByRole("button", { name: /^A bad image/ }).click();
  await toEnd(page);
  await page.locator(".now-phase", { hasText: "Waiting, no progress for" }).waitFor();
  assert.ok((await page.locator(".tl-lanes .ph-still").count()) > 0, "the band is marked");

  const { of: known } = await place(page);
  await page.getByRole("button", { name: "To its deadline" }).click();
  await until(page, "the deadline is in view", async () => (await place(page)).step > known);
  assert.match(await headline(page), /600 s/);
  await page.getByRole("button", { name: "To its deadline" }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: /^New/ }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.insertText(FAILS);
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.keyboard.press("Escape");
  await computed(page);
  await page.keyboard.press("End");
  await page.locator(".now-phase", { hasText: /This repeats every 3\d\d s: Kubelet/ }).waitFor();
  const { of: before } = await place(page);
  await page.getByRole("button", { name: /^Play/ }).click();
  await until(page, "play goes on with the next round", async () => (await place(page)).of > before);
}
