import assert from "node:assert/strict";

import { begin, kubectl, podsOnStage, sim, toEnd } from "../hands.mjs";

export const name = "a Job whose pod fails waits, tries again and completes";
export const options = { reducedMotion: "reduce" };

const MANIFEST = `apiVersion: batch/v1
kind: Job
metadata: {name: load}
spec:
  completions: 2
  backoffLimit: 3
  template:
    metadata:
      annotations: {sim.kubestep.dev/exit-after: 20s, sim.kubestep.dev/exit-code: "0"}
    spec:
      restartPolicy: Never
      containers:
      - {name: load, image: "load:1"}
`;

export async function run(page) {
  const gauge = () => page.getByRole("img", { name: /^Completions/ }).getAttribute("aria-label");
  await begin(page, MANIFEST);
  await toEnd(page);
  const [first] = await podsOnStage(page);
  await sim(page, `finish ${first} 1`);
  await toEnd(page);
  assert.match(await gauge(), /0 of 2 succeeded.*1 failed of at most 3, next pod in \d+\.\d s/);
  assert.deepEqual(await podsOnStage(page, "st-fail"), [first]);

  await sim(page, "wait 90s");
  await toEnd(page);
  assert.match(await gauge(), /2 of 2 succeeded.*succeeded, succeeded$/);
  assert.equal((await podsOnStage(page, "st-done")).length, 2);
  await kubectl(page, "get job load");
  await page.locator(".term-b", { hasText: /load\s+Complete\s+2\/2/ }).waitFor();
}
