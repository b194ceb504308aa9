import assert from "node:assert/strict";

import { until } from "../hands.mjs";

export const name = "the page follows the system's theme, switches with T, and remembers it";
export const options = { colorScheme: "light" };

const stage = (page) =>
  page.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    return { theme: document.documentElement.dataset.theme, backgroundColor, color };
  });

/** How light a colour is, 0 to 255. */
const lightness = (colour) => {
  const [red, green, blue] = colour.match(/\d+(\.\d+)?/g).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue;
};

export async function run(page, { open }) {
  const light = await stage(page);
  assert.equal(light.theme, "light");
  assert.ok(lightness(light.backgroundColor) > 200 && lightness(light.color) < 100, JSON.stringify(light));

  await page.keyboard.press("t");
  await until(page, "the dark theme", async () => (await stage(page)).theme === "dark");
  const dark = await stage(page);
  assert.ok(lightness(dark.backgroundColor) < 60 && lightness(dark.color) > 150, JSON.stringify(dark));

  await open();
  assert.equal((await stage(page)).theme, "dark", "the choice outlives a reload");
}
