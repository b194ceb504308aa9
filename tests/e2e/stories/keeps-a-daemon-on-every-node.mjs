import assert from "node:assert/strict";

import { begin, kubectl, podsOnStage, toEnd } from "../hands.mjs";

export const name = "a DaemonSet has a pod on every node; a cordon leaves it there, a taint does not";
export const options = { reducedMotion: "reduce" };

const MANIFEST = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
      - {name: agent, image: "agent:1"}
`;

export async function run(page) {
  const gauge = () => page.getByRole("img", { name: /^Nodes/ }).getAttribute("aria-label");
  await begin(page, MANIFEST);
  await toEnd(page);
  assert.match(await gauge(), /node-1 available r1, node-2 available r1, node-3 available r1$/);
  assert.equal((await podsOnStage(page, "st-ready")).length, 3);

  await kubectl(page, "cordon node-1");
  await toEnd(page);
  assert.match(await gauge(), /node-1 available r1/);

  await kubectl(page, "taint nodes node-2 dedicated=db:NoExecute");
  await toEnd(page);
  assert.match(await gauge(), /2 of 2 available, 1 left out, node-2 has the taint dedicated=db:NoExecute/);
  assert.match(await gauge(), /node-2 left out/);
  assert.equal((await podsOnStage(page)).length, 2);

  await kubectl(page, "taint nodes node-2 dedicated-");
  await toEnd(page);
  assert.match(await gauge(), /3 of 3 available/);
  assert.equal((await podsOnStage(page, "st-ready")).length, 3);
}
