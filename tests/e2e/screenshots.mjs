// Takes pictures of the running page: both themes at 1440x900, and the sizes that must work besides.
// The first argument is the folder they go to.

import { join } from "node:path";

import { freshPage, launch, open } from "./browser.mjs";

const PICTURES = [
  { name: "dark-1440x900", width: 1440, height: 900, theme: "dark" },
  { name: "light-1440x900", width: 1440, height: 900, theme: "light" },
  { name: "dark-1280x800", width: 1280, height: 800, theme: "dark" },
  { name: "dark-390x844", width: 390, height: 844, theme: "dark" },
];

const [folder] = process.argv.slice(2);
const browser = await launch();
for (const { name, width, height, theme } of PICTURES) {
  const { page, faults, close } = await freshPage(browser, { viewport: { width, height }, colorScheme: theme });
  await open(page);
  await page.evaluate((theme) => document.documentElement.setAttribute("data-theme", theme), theme);
  await page.evaluate(() => document.fonts.ready);
  // Long enough for the first visit's simulation to have put its pods on the stage.
  await page.waitForTimeout(3_000);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log([`${join(folder, name)}.png`, ...faults].join("\n  "));
  await close();
}
await browser.close();
