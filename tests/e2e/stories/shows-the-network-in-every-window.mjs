import assert from "node:assert/strict";

import { computed, move, place } from "../hands.mjs";

export const name = "the network's view is gone through with the keyboard, and fits 1280x800 and a phone in both themes";
export const options = { reducedMotion: "reduce" };

/** Figures and stations that are cut off by their box, and texts that their box has no room for. */
function clipped(page) {
  return page.evaluate(() => {
    const faults = [];
    const field = document.querySelector(".net-field").getBoundingClientRect();
    const isWide = document.querySelector(".net-field").scrollWidth <= field.width + 1;
    for (const figure of document.querySelectorAll(".net-plane [data-figure]")) {
      const rect = figure.getBoundingClientRect();
      if (isWide && (rect.left < field.left - 1 || rect.right > field.right + 1)) faults.push(`${figure.dataset.figure} is cut off`);
    }
    for (const title of document.querySelectorAll(".hop h3,.net-rules b,.net .cli b")) {
      if (title.scrollWidth > title.clientWidth + 1) faults.push(`no room for ${title.textContent}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push("the page scrolls sideways");
    return faults;
  });
}

export async function run(page, { violations }) {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Lessons", exact: true }).click();
  await page.getByRole("button", { name: /^Service discovery, two tiers/ }).click();
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  await page.keyboard.press("Control+i");
  const isAtPick = async () => /^\w+ sends|^Sends it to/.test(await page.locator(".say,.say-strip .ell").first().innerText());
  for (let steps = 0; steps < 60 && !(await isAtPick()); steps += 1) await move(page, "ArrowRight");
  assert.ok(await isAtPick());
  assert.deepEqual(await clipped(page), [], "1280x800");

  // Tab comes to the first Service, arrows go on from figure to figure, Enter opens one, n leads back to the nodes.
  await page.locator(".net-plane .svc").first().focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? "");
  assert.match(await focused(), /^Service frontend/);
  const { step } = await place(page);
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(), /^Pod frontend-/);
  assert.equal((await place(page)).step, step, "arrows on the stage do not step");
  await page.keyboard.press("Enter");
  await page.locator(".picked", { hasText: "frontend-" }).waitFor();

  for (const [width, height] of [[1280, 800], [1440, 900], [390, 844]]) {
    await page.setViewportSize({ width, height });
    if (width < 760) await page.getByRole("tablist", { name: "Panels" }).getByRole("tab", { name: "Stage" }).click();
    await page.locator(".net .hop").nth(4).waitFor();
    for (const theme of ["one theme", "the other"]) {
      assert.deepEqual(await violations(), [], `${width}x${height}, ${theme}`);
      await page.keyboard.press("t");
    }
    assert.deepEqual(await clipped(page), [], `${width}x${height}`);
  }
  await page.locator(".net .hop").first().getByRole("button").click();
  await page.locator(".net .hop[aria-current=step]", { hasText: "App calls db:5432" }).waitFor();
  await page.getByRole("button", { name: "Nodes" }).click();
  await page.locator(".m-stage").waitFor();
}
