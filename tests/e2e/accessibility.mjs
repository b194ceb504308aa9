// What axe finds wrong with the page once it has come to rest.

import axe from "axe-core";

/** One line per violation: rule, what it says, and the first places. */
export async function violations(page) {
  await atRest(page);
  // The protocol evaluates this, so the page's Content-Security-Policy stays as it is.
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 3).map((node) => node.target.join(" "));
    return `${id}: ${help} (${nodes.length}: ${places.join(", ")})`;
  });
}

/**
 * Waits until nothing moves any more that will ever stop: in the middle of a transition colours are in between two
 * themes, and axe would measure those. What was changed a moment ago begins to move with the next frame.
 */
async function atRest(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    await frame();
    await frame();
    const shadows = [...document.querySelectorAll("*")].flatMap((element) => element.shadowRoot ?? []);
    const moving = () =>
      [document, ...shadows]
        .flatMap((root) => root.getAnimations())
        .filter((each) => each.playState === "running" && Number.isFinite(each.effect.getComputedTiming().endTime));
    while (moving().length > 0) await frame();
  });
}
