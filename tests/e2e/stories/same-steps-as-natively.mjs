import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

export const name = "the page's core makes the very steps that the native core makes";

const COMMANDS = [
  "set image deployment/my-deployment my-container=my-image:2",
  "scale deployment/my-deployment --replicas=5",
  "delete pods -l app=my-app --wait=false",
];

export async function run(page, { native }) {
  const manifests = await readFile(new URL("../../../static/first-visit.yaml", import.meta.url), "utf8");
  const { fingerprints } = await page.evaluate(
    ([manifests, commands]) => window.kubestep.simulate(manifests, commands),
    [manifests, COMMANDS],
  );
  const steps = native(manifests, COMMANDS);
  const differs = steps.findIndex((step, index) => step.fingerprint !== fingerprints[index]);
  assert.equal(differs, -1, `step ${differs} differs: natively it is ${JSON.stringify(steps[differs])}`);
  assert.equal(fingerprints.length, steps.length);
}
