import assert from "node:assert/strict";

import { begin, headline, kubectl, move, place, toEnd, until } from "../hands.mjs";

export const name = "a StatefulSet is created in order and updated from behind, and steps back to the same picture";
export const options = { reducedMotion: "reduce" };

const MANIFEST = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - {name: db, image: "postgres:17"}
`;

/** What the gauge says of each ordinal: ["available r1", "not ready r1", "to be created"]. */
async function ordinals(page) {
  const gauge = page.getByRole("img", { name: /^Ordinals/ });
  if ((await gauge.count()) === 0) return [];
  const [, places] = /\. (0 .*)$/.exec(await gauge.getAttribute("aria-label"));
  return places.split(", ").map((place) => place.replace(/^\d+ /, ""));
}

/** What the workload's row says and marks. */
function row(page) {
  return page
    .locator(".obj")
    .evaluateAll((all) => all.map((each) => `${each.className} ${each.ariaLabel} ${each.textContent}`).join("\n"));
}

/** Back from the last step to the first: what each step says and shows, the first step first. */
async function walkBack(page, start) {
  await toEnd(page);
  const steps = [];
  for (;;) {
    const { step } = await place(page);
    if (step <= start) return steps.reverse();
    steps.push({ step, pods: await ordinals(page), headline: await headline(page), row: await row(page) });
    await move(page, "ArrowLeft");
  }
}

export async function run(page) {
  await begin(page, MANIFEST);
  await toEnd(page);
  const { of: created } = await place(page);
  assert.deepEqual(await ordinals(page), ["available r1", "available r1", "available r1"]);

  // An ordinal is made when all before it are available, and not before.
  const seen = new Set();
  for (const { step, pods } of await walkBack(page, 0)) {
    seen.add(pods.join());
    const first = pods.findIndex((pod) => !pod.startsWith("available"));
    const later = first < 0 ? [] : pods.slice(first + 1);
    assert.ok(later.every((pod) => pod === "to be created"), `step ${step}: ${pods}`);
  }
  assert.ok(seen.size >= 6, [...seen].join("\n"));

  await toEnd(page);
  await kubectl(page, "set image statefulset/db db=postgres:18");
  const updated = await walkBack(page, created);
  const deleted = updated.map((step) => /^Deletes (db-\d)/.exec(step.headline)?.[1]).filter(Boolean);
  // The controller asks, the kubelet concludes.
  assert.deepEqual([...new Set(deleted)], ["db-2", "db-1", "db-0"]);
  assert.deepEqual(updated.at(-1).pods, ["available r2", "available r2", "available r2"]);

  // Forward again, every step has the picture that it had on the way back.
  for (const { step, pods, headline: said } of updated.slice(0, -1)) {
    while ((await place(page)).step < step) await move(page, "ArrowRight");
    assert.deepEqual([await headline(page), await ordinals(page)], [said, pods], `step ${step}`);
    await until(page, `step ${step} looks as it did`, async () => {
      const known = updated.find((other) => other.step === step);
      return (await row(page)) === known.row;
    }, 3_000);
  }
}
