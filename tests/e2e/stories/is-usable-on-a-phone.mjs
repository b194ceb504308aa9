import assert from "node:assert/strict";

import { move, place, podsOnStage, toEnd, toStart } from "../hands.mjs";

export const name = "at 390x844 a first visitor sees the cluster, and steps, applies and asks with a thumb";
export const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Pairs of figures of which one lies over the other, and figures that leave the window sideways. */
function clutter(page) {
  return page.evaluate(() => {
    const figures = [...document.querySelectorAll(".m-stage .pod,.m-stage .m-node>header,.m-stage .m-svc")];
    const rects = figures.map((each) => ({ name: each.textContent, rect: each.getBoundingClientRect() }));
    const faults = rects.filter(({ rect }) => rect.left < 0 || rect.right > innerWidth).map(({ name }) => `${name} is cut off`);
    for (const [index, one] of rects.entries()) {
      for (const other of rects.slice(index + 1)) {
        const apart =
          one.rect.right <= other.rect.left + 1 ||
          other.rect.right <= one.rect.left + 1 ||
          one.rect.bottom <= other.rect.top + 1 ||
          other.rect.bottom <= one.rect.top + 1;
        if (!apart) faults.push(`${one.name} over ${other.name}`);
      }
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push("the page scrolls sideways");
    return faults;
  });
}

export async function run(page) {
  // Three pods wait for a node at once: the most that the tray has to hold here.
  await page.locator(".tray [data-pod]").nth(2).waitFor();
  await page.getByRole("button", { name: /^Pause/ }).tap();
  assert.deepEqual(await clutter(page), []);

  await toEnd(page);
  assert.equal((await podsOnStage(page, "st-ready")).length, 3);
  assert.deepEqual(await clutter(page), []);

  const { step } = await place(page);
  await page.getByRole("button", { name: /^Step back/ }).tap();
  await page.locator(".m-say .stp-n", { hasNotText: `Step ${step} ` }).waitFor();
  assert.ok((await place(page)).step < step);

  const tab = (name) => page.getByRole("tablist", { name: "Panels" }).getByRole("tab", { name });
  const small = await page.evaluate(() =>
    [...document.querySelectorAll(".m-tabs button,.m-trans button,.m-h button")]
      .map((button) => ({ name: button.textContent || button.ariaLabel, rect: button.getBoundingClientRect() }))
      .filter(({ rect }) => rect.width < 44 || rect.height < 44)
      .map(({ name, rect }) => `${name}: ${rect.width}x${rect.height}`),
  );
  assert.deepEqual(small, [], "everything to be tapped is 44 px or more");

  await tab("Why").tap();
  await page.locator(".why li").first().waitFor();
  await tab("YAML").tap();
  await page.getByRole("button", { name: /^Apply/ }).waitFor();
  await tab("kubectl").tap();
  await page.getByRole("textbox", { name: "kubectl command" }).fill("scale deployment my-deployment --replicas=4");
  await page.keyboard.press("Enter");
  await page.locator(".term-b .cm", { hasText: "--replicas=4" }).waitFor();
  await tab("Stage").tap();
  await toEnd(page);
  assert.equal((await podsOnStage(page, "st-ready")).length, 4);

  await toStart(page);
  await move(page, "ArrowRight");
}
