import assert from "node:assert/strict";

import { begin, computed, headline, kubectl, move, sim, toEnd } from "../hands.mjs";

export const name = "a followed request waits for its answer, and its connection is reset when its container ends before";
export const options = { reducedMotion: "reduce" };

const MANIFEST = `apiVersion: kubestep.dev/v1alpha1
kind: Traffic
metadata: {name: visitors}
spec: {service: web, requestsPerSecond: 2}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {sim.kubestep.dev/response-time: 2s, sim.kubestep.dev/on-sigterm: 100ms}
    spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;

const current = (page) => page.locator(".hop[aria-current=step]");

export async function run(page, { violations }) {
  await begin(page, MANIFEST);
  await toEnd(page);
  await sim(page, "wait 5s");
  await toEnd(page);
  await page.keyboard.press("n");
  await page.getByRole("button", { name: "Network", pressed: true }).waitFor();
  assert.match(await page.locator(".cli", { hasText: "visitors" }).innerText(), /\d+ in flight/);

  await sim(page, "follow visitors");
  await toEnd(page);
  assert.match(await headline(page), /answers after 2s/);
  assert.equal(await page.locator(".hop").count(), 6, "the answer is a station of its own");
  assert.match(await current(page).innerText(), /6\s+Answered\s+container web\s+after 2s/);
  await page.locator(".net-of .ok", { hasText: "answered" }).waitFor();
  assert.deepEqual(await violations(), [], "answered");
  await page.locator(".hop").nth(4).getByRole("button").click();
  assert.match(await headline(page), /works on it for 2s/);
  assert.match(await page.locator(".hop").nth(5).innerText(), /6\s+Answered[\s\S]*step \d+/, "it is ahead");
  assert.deepEqual(await violations(), [], "being answered");

  await toEnd(page);
  await sim(page, "follow visitors");
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  while (!/works on it/.test(await headline(page))) await move(page, "ArrowRight");
  await kubectl(page, "delete pod -l app=web");
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  while (!/resets the connection/.test(await headline(page))) await move(page, "ArrowRight");
  assert.match(await current(page).innerText(), /Connection reset\s+container web\s+after \d+ms of 2s/);
  await page.locator(".net-of .bad").waitFor();
  assert.deepEqual(await violations(), [], "reset");

  await page.getByRole("tab", { name: "Requests" }).click();
  const first = page.locator(".reqs ul > li", { hasText: "before it had answered" }).first();
  await first.getByRole("button").first().click();
  await first.locator(".why li").first().waitFor();
  assert.match(await first.locator(".why li").last().innerText(), /You/, "the chain ends at what a person did");
  assert.deepEqual(await violations(), [], "what was lost");
}
