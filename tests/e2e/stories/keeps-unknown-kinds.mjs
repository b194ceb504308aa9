import assert from "node:assert/strict";

import { until } from "../hands.mjs";

export const name = "objects of unknown kinds are kept by a click, shown, and stepped past";

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: front
spec:
  gatewayClassName: example
`;

export async function run(page) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(GATEWAY);
  await page.locator(".ks-diag.ks-error", { hasText: 'no matches for kind "Gateway"' }).waitFor();

  await page.getByRole("button", { name: "Keep such objects" }).click();
  await until(page, "the fault is gone", async () => (await page.locator(".ks-diag.ks-error").count()) === 0);
  const text = await page.locator(".cm-content").innerText();
  assert.match(text, /unknownKinds: Keep/);

  await page.keyboard.press("ControlOrMeta+Enter");
  await page.locator(".term-b", { hasText: "gateway.gateway.networking.k8s.io/front created" }).waitFor();
}
