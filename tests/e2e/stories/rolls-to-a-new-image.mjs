import assert from "node:assert/strict";

import { headlinesToTheEnd, kubectl, podsOnStage, toEnd } from "../hands.mjs";

export const name = "set image rolls: never under the floor, never over the ceiling, until all pods are new";
export const options = { reducedMotion: "reduce" };

export async function run(page) {
  await toEnd(page);
  const old = await podsOnStage(page);
  await kubectl(page, "set image deployment/my-deployment my-container=my-image:2");
  const told = await headlinesToTheEnd(page);
  const scales = told.filter((headline) => /^(Scales|Creates my-deployment-\w+ with)/.test(headline));
  assert.ok(scales.length >= 6, `one pod at a time:\n${scales.join("\n")}`);

  const pods = await podsOnStage(page, "st-ready");
  assert.equal(pods.length, 3);
  assert.deepEqual(await podsOnStage(page), pods);
  for (const pod of old) assert.ok(!pods.includes(pod), `${pod} is gone`);
  for (const pod of pods) {
    await page.locator(`[data-pod="${pod}"]`).getByText("r2").waitFor();
  }
  const gauge = page.getByRole("img", { name: /^Rollout, RollingUpdate/ });
  assert.match(await gauge.getAttribute("aria-label"), /3 of 3 pods available, floor 3, ceiling 4/);

  // The gauge of every step on the way back keeps between floor and ceiling.
  const counts = new Set();
  for (let step = 0; step < told.length; step += 1) {
    await page.keyboard.press("ArrowLeft");
    const words = await gauge.getAttribute("aria-label");
    const [, available, , , ceiling, counted] =
      /: (\d+) of (\d+) pods available, floor (\d+), ceiling (\d+), (\d+) pods count/.exec(words);
    assert.ok(Number(counted) <= Number(ceiling), words);
    assert.ok(Number(available) >= 3, words);
    counts.add(counted);
  }
  assert.ok(counts.has("4"), "the surge was seen");
}
