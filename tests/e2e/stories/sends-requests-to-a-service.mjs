import assert from "node:assert/strict";

import { toEnd, until } from "../hands.mjs";

export const name = "a picked Service is sent requests by a button: a client in cluster.yaml, whose requests are counted";

export async function run(page, { violations }) {
  await toEnd(page);
  await page.locator(".obj,.svc", { hasText: "my-service" }).first().click();
  const offered = page.getByRole("group", { name: /^What can be done to Service/ });
  await offered.getByRole("button", { name: "Send it requests" }).click();
  // It is an addition to cluster.yaml, which waits to be applied.
  await page.locator(".apply .pend", { hasText: "8 changes" }).waitFor();
  const editor = page.locator("#cluster .cm-content");
  await page.getByRole("tab", { name: /cluster\.yaml/ }).click();
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await editor.getByText("service: my-service").waitFor();
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.keyboard.press("Escape");
  await toEnd(page);
  await page.getByRole("button", { name: "Network", exact: true }).click();
  const answered = async () => Number((await page.locator(".net [data-figure^='client:']").innerText()).match(/\d+/)?.[0] ?? 0);
  await until(page, "requests are answered", async () => (await answered()) > 0);
  assert.deepEqual(await violations(), [], "a client");
}
