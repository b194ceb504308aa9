import assert from "node:assert/strict";

export const name = "axe finds nothing wrong: both themes, panels, dialogs, and the narrow page";

export async function run(page, { violations }) {
  const check = async (what) => {
    // The panels' colours change over a moment, and axe reads them as they are.
    await page.waitForTimeout(400);
    assert.deepEqual(await violations(), [], what);
  };
  await page.keyboard.press("End");
  await check("at the end");
  await page.keyboard.press("t");
  await check("the other theme");
  for (const [key, what] of [["?", "shortcuts"], ["l", "legend"], ["b", "breakpoints"], ["Control+k", "go to"]]) {
    await page.keyboard.press(key);
    await check(what);
    await page.keyboard.press("Escape");
  }
  await page.getByRole("tab", { name: /Objects/ }).click();
  await check("objects");
  await page.getByRole("tab", { name: /Conditions/ }).click();
  await check("conditions");
  await page.setViewportSize({ width: 1280, height: 800 });
  await check("1280x800");
  await page.setViewportSize({ width: 390, height: 844 });
  await check("390x844");
  for (const tab of ["Why", "YAML", "Objects", "kubectl"]) {
    await page.getByRole("tablist", { name: "Panels" }).getByRole("tab", { name: tab }).click();
    await check(`390x844, ${tab}`);
  }
}
