import assert from "node:assert/strict";

import { begin, computed, kubectl, move, place, toEnd, until } from "../hands.mjs";

export const name = "a node that is behind sends to a pod that the Service has dropped: both views mark its rules as stale";
export const options = { reducedMotion: "reduce" };

const MANIFEST = `apiVersion: kubestep.dev/v1alpha1
kind: Simulation
spec: {proxies: {node-2: 20s}}
---
apiVersion: kubestep.dev/v1alpha1
kind: Traffic
metadata: {name: visitors}
spec: {service: web, from: node-2, requestsPerSecond: 4}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;

export async function run(page, { violations }) {
  await begin(page, MANIFEST);
  await toEnd(page);
  await kubectl(page, "scale deployment web --replicas=1");
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  await page.keyboard.press("n");
  await page.getByRole("button", { name: "Network", pressed: true }).waitFor();

  const dropped = page.locator("[data-endpoint=dropped]");
  while ((await dropped.count()) === 0) await move(page, "ArrowRight");
  const stale = page.locator(".net-rules.stale");
  assert.match(await stale.filter({ hasText: "node-2" }).getAttribute("aria-label"), /written at .* from revision \d+.*stale/);
  assert.ok((await page.locator(".w-stale").count()) > 0, "its wire still leads to the pod");
  assert.deepEqual(await violations(), [], "stale");

  await page.keyboard.press("n");
  await page.locator(".sys.stale", { hasText: /^stale rev \d+, \d endpoints?$/ }).first().waitFor();

  await page.keyboard.press("n");
  const failed = page.locator(".cli em");
  while ((await failed.count()) === 0) await move(page, "ArrowRight");
  assert.match(await failed.innerText(), /[1-9]\d* failed/);
  await page.getByRole("tab", { name: "Requests" }).click();
  const first = page.locator(".reqs ul > li").first();
  assert.match(await first.innerText(), /Lost: node-2 sent it to/);
  await first.getByRole("button").first().click();
  const causes = first.locator(".why li");
  await causes.first().waitFor();
  assert.match(await causes.last().innerText(), /You/, "the chain ends at what a person did");
  const number = await causes.first().locator(".n").innerText();
  await causes.first().getByRole("button").click();
  await until(page, "the deciding step is in view", async () => String((await place(page)).step) === number);
}
