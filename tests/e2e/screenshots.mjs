// Takes pictures of the running page: the middle of a rolling update in both themes at 1440x900 and in the other sizes
// that must work, and what a first visitor sees. The first argument is the folder they go to.

import { join } from "node:path";

import { freshPage, launch, open } from "./browser.mjs";
import { computed, headline, move, until } from "./hands.mjs";

const PICTURES = [
  { name: "dark-1440x900", width: 1440, height: 900, theme: "dark", show: rollout },
  { name: "light-1440x900", width: 1440, height: 900, theme: "light", show: rollout },
  { name: "dark-1280x800", width: 1280, height: 800, theme: "dark", show: rollout },
  { name: "dark-390x844", width: 390, height: 844, theme: "dark", show: rollout },
  { name: "first-visit-1440x900", width: 1440, height: 900, theme: "dark", show: firstVisit },
  { name: "first-visit-390x844", width: 390, height: 844, theme: "light", show: firstVisit },
];

/** The lesson about rolling updates, where its second ReplicaSet grows. */
async function rollout(page) {
  const lessons = page.getByRole("button", { name: "Lessons", exact: true });
  if (await lessons.isVisible()) await lessons.click();
  else {
    await page.getByRole("button", { name: "Lessons and settings" }).click();
    await page.getByRole("button", { name: "Lessons", exact: true }).click();
  }
  await page.getByRole("button", { name: /^Rolling update/ }).click();
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  while (!/^Scales web-\w+ from 2 to 3/.test(await headline(page))) await move(page, "ArrowRight");
}

async function firstVisit(page) {
  await page.locator("[data-pod]").nth(2).waitFor();
  await page.getByRole("button", { name: /^Pause/ }).click();
}

const [folder] = process.argv.slice(2);
const browser = await launch();
for (const { name, width, height, theme, show } of PICTURES) {
  const options = { viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce" };
  const { page, faults, close } = await freshPage(browser, options);
  await open(page);
  await show(page);
  await page.evaluate(() => document.fonts.ready);
  await until(page, "the editor is open and nothing moves", () =>
    page.evaluate(() => {
      const isStill = document.getAnimations().every(({ playState }) => playState !== "running");
      return isStill && document.querySelector(".code-text") === null;
    }),
  );
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log([`${join(folder, name)}.png`, ...faults].join("\n  "));
  await close();
}
await browser.close();
