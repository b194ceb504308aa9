// What axe finds wrong with the page as it is now.

import axe from "axe-core";

/** One line per violation: rule, what it says, and the first places. */
export async function violations(page) {
  // The protocol evaluates this, so the page's Content-Security-Policy stays as it is.
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 3).map((node) => node.target.join(" "));
    return `${id}: ${help} (${nodes.length}: ${places.join(", ")})`;
  });
}
