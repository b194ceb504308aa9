import assert from "node:assert/strict";

import { begin, computed, kubectl, podsOnStage, sim, toEnd } from "../hands.mjs";

export const name = "a picked pod shows its containers and volumes as its node has them, and goes on there without an object";
export const options = { reducedMotion: "reduce" };

const MANIFEST = `apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  nodeName: node-1
  volumes: [{name: data, emptyDir: {}}]
  initContainers:
  - {name: migrate, image: "migrate:1"}
  - {name: proxy, image: "proxy:1", restartPolicy: Always}
  containers:
  - {name: web, image: "web:1", ports: [{containerPort: 80}], volumeMounts: [{name: data, mountPath: /data}]}
  - {name: log, image: "log:1", volumeMounts: [{name: data, mountPath: /log}]}
`;

export async function run(page, { violations }) {
  await begin(page, MANIFEST);
  await toEnd(page);
  await page.locator("[data-pod=shop]").click();
  const anatomy = page.locator(".anatomy");
  const told = async () => (await anatomy.innerText()).replace(/\s+/g, " ");
  assert.match(
    await told(),
    /^On node-1 netns 10\.244\.1\.2 migrate init exited 0 proxy sidecar runs web answers on 80 log runs data emptyDir web \/data, log \/log$/i,
  );
  assert.deepEqual(await violations(), [], "a pod");

  // Erased from the API while its node hears nothing: what runs goes on running.
  await sim(page, "cut-off node-1");
  await computed(page);
  await kubectl(page, "delete pod shop --force --grace-period=0");
  await toEnd(page);
  assert.match(await told(), /^On node-1 alone: the API has no such object netns 10\.244\.1\.2 .*web answers on 80/i);
  assert.deepEqual(await podsOnStage(page), ["shop"]);
  assert.deepEqual(await violations(), [], "a process without an object");
  await page.keyboard.press("t");
  assert.deepEqual(await violations(), [], "the same, in the other theme");
}
