import assert from "node:assert/strict";

import { headline, place, playedOut, podsOnStage } from "../hands.mjs";

export const name = "a first visit plays by itself until three pods are ready, on the stage and in the endpoints";

export async function run(page, { native }) {
  // The first pods on the stage are those that the core makes of the manifests in the editor.
  const manifests = await page.locator(".cm-content").innerText();
  assert.match(manifests, /kind: Deployment[^]*kind: Service/);
  const made = (steps) =>
    steps
      .filter(({ what, verb, subresource }) => what === "written" && verb === "POST" && !subresource)
      .filter(({ object }) => object.kind === "Pod")
      .map(({ object }) => object.name)
      .sort();
  await page.locator("[data-pod]").nth(2).waitFor();
  const pods = await podsOnStage(page);
  assert.deepEqual(pods, made(native(manifests)));

  await playedOut(page);
  assert.deepEqual(await podsOnStage(page, "st-ready"), pods);
  const { step } = await place(page);
  assert.ok(step > 50, `${step} steps were played`);
  assert.notEqual(await headline(page), "");

  await page.locator(".svc .ctrs").getByText("3ready").waitFor();
  await page.getByRole("tab", { name: /Objects/ }).click();
  await page.locator(".objs").getByRole("button", { name: /^EndpointSlice my-service/ }).click();
  const slice = await page.locator(".whole pre").innerText();
  for (const pod of pods) assert.match(slice, new RegExp(`name: ${pod}`));
  assert.equal(slice.match(/ready: true/g)?.length, 3);
}
