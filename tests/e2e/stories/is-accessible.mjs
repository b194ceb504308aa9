import assert from "node:assert/strict";

import { headline, kubectl, move, toEnd, until } from "../hands.mjs";

export const name = "axe finds nothing wrong: both themes, in a rollout, panels, dialogs, and the narrow page";
export const options = { reducedMotion: "reduce" };

export async function run(page, { violations }) {
  const check = async (what) => assert.deepEqual(await violations(), [], what);
  const checkInBothThemes = async (what) => {
    for (const _ of ["as it is", "switched"]) {
      await check(`${what}, ${await page.locator("html").getAttribute("data-theme")}`);
      await page.keyboard.press("t");
    }
  };
  const goTo = async (words) => {
    while (!words.test(await headline(page))) await move(page, "ArrowRight");
  };

  await toEnd(page);
  await checkInBothThemes("at the end");
  await kubectl(page, "set image deployment/my-deployment my-container=my-image:2");
  await goTo(/^Sends SIGTERM/);
  await checkInBothThemes("old and new pods, one terminating");
  await kubectl(page, "cordon node-1");
  await toEnd(page);
  await checkInBothThemes("a cordoned node, a replaced future");

  for (const [key, what] of [["?", "shortcuts"], ["l", "legend"], ["b", "breakpoints"], ["Control+k", "go to"]]) {
    await page.keyboard.press(key);
    await page.getByRole("dialog").first().waitFor();
    await check(what);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").first().waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: "Lessons" }).first().click();
  await check("lessons");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: /Objects/ }).click();
  await page.locator(".objs").getByRole("button", { name: /^Deployment/ }).click();
  await check("an object");
  await page.getByRole("tab", { name: /Conditions/ }).click();
  await check("conditions");

  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText("\n---\nkind: [\n");
  await page.locator(".apply .errors").waitFor();
  await page.keyboard.press("Escape");
  await checkInBothThemes("a broken manifest");
  await page.getByRole("button", { name: "Review" }).click();
  await check("review");
  await page.keyboard.press("Escape");

  await page.setViewportSize({ width: 1280, height: 800 });
  await check("1280x800");
  await page.setViewportSize({ width: 390, height: 844 });
  await checkInBothThemes("390x844");
  for (const tab of ["Why", "YAML", "Objects", "kubectl"]) {
    await page.getByRole("tablist", { name: "Panels" }).getByRole("tab", { name: tab }).click();
    await check(`390x844, ${tab}`);
  }
}
