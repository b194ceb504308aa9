import assert from "node:assert/strict";

import { begin, computed, kubectl, move, place, podsOnStage, toEnd, until } from "../hands.mjs";

export const name = "the order of a race decides how many requests are lost, and both worlds stand beside each other";
export const options = { reducedMotion: "reduce" };

const MANIFEST = `apiVersion: kubestep.dev/v1alpha1
kind: Traffic
metadata: {name: clients}
spec: {service: web, requestsPerSecond: 100}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:1", ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
`;

/** Requests lost, here and in the world beside. */
const lost = async (page) =>
  (await page.locator(".pfoot", { hasText: "Failed requests" }).allInnerTexts()).map((text) =>
    Number(text.match(/Failed\s+requests\s+(\d+)/)[1]),
  );

/** To the mark of the deletion, where the controllers and the kubelet are about to hear of it. */
async function toTheMark(page) {
  await page.locator(".prow").nth(3).getByRole("button").click();
  await until(page, "the mark", async () => (await page.locator(".prow.cur .g i").innerText()) === "4");
}

export async function run(page, { violations }) {
  await begin(page, MANIFEST);
  await toEnd(page);
  const [pod] = await podsOnStage(page);
  await kubectl(page, `delete pod ${pod}`);
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  await page.getByRole("button", { name: "This deletion in ten stations" }).click();

  // SIGTERM first: whatever tells of the endpoint is held back until the process is gone.
  await toTheMark(page);
  await page.getByRole("tab", { name: "Next" }).click();
  await holdBack(page, /^EndpointSlice controller looks/);
  await computed(page);
  const [signalFirst] = await lost(page);
  assert.ok(signalFirst > 0, `${signalFirst} requests are lost where SIGTERM comes first`);

  // Endpoint first: the kubelet is held back instead.
  await toTheMark(page);
  await page.getByRole("tab", { name: "Next" }).click();
  await holdBack(page, /^Kubelet on \S+ looks/);
  await computed(page);
  const [endpointFirst] = await lost(page);
  assert.ok(endpointFirst < signalFirst, `${endpointFirst} of ${signalFirst}`);

  // The first future beside this one.
  await page.getByRole("button", { name: "Compare" }).click();
  await page.locator(".pchoice").selectOption({ index: 1 });
  await page.locator(".pdiffers").waitFor();
  const [here, there] = await lost(page);
  assert.deepEqual([here, there], [endpointFirst, signalFirst]);
  await page.locator(".tl text.lane", { hasText: /^without/ }).waitFor();
  assert.ok((await page.locator(".tl g.beside path").first().getAttribute("d")).length > 0);
  assert.deepEqual(await violations(), [], "two worlds");
  await page.keyboard.press("t");
  assert.deepEqual(await violations(), [], "two worlds, in the other theme");

  // Where they differ is a step to go to.
  const differs = page.locator(".pdiffers button");
  const step = Number((await differs.innerText()).match(/\d+/)[0]);
  await differs.click();
  await until(page, "the first step that differs", async () => (await place(page)).step === step);
}

/** Holds back the first that waits and matches, stepping on until there is one. */
async function holdBack(page, words) {
  const rows = page.locator(".nexts li");
  for (let step = 0; step < 12; step += 1) {
    const row = rows.filter({ has: page.locator("p:first-child", { hasText: words }) }).first();
    if ((await row.count()) > 0) {
      const { step: before } = await place(page);
      await row.getByRole("button", { name: /^Hold/ }).click();
      await until(page, "holding back is a step", async () => (await place(page)).step === before + 1);
      return;
    }
    // On a tab the arrows go to the next tab.
    await page.evaluate(() => document.activeElement?.blur());
    await move(page, "ArrowRight");
  }
  assert.fail(`nobody like ${words} is about to act`);
}
