import assert from "node:assert/strict";

import { move, toStart } from "../hands.mjs";

export const name = "whoever steps faster than a message travels sees what the steps before made";

export async function run(page) {
  await toStart(page);
  // Step 2 creates the Deployment, step 4 the Service.
  for (let step = 0; step < 5; step += 1) await move(page, "ArrowRight");
  const stage = await page.locator(".stage").innerText();
  assert.match(stage, /my-service/);
  assert.doesNotMatch(stage, /Nothing is desired yet|No Service yet/);
}
