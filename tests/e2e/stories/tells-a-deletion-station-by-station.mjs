import assert from "node:assert/strict";

import { computed, kubectl, place, podsOnStage, toEnd, until } from "../hands.mjs";

export const name = "a deletion is gone along station by station, forward and back, and compared with the one by force";
export const options = { reducedMotion: "reduce" };

const rows = (page) => page.locator(".prow");
const titles = (page) => rows(page).locator(".g .h > span").allInnerTexts();
/** The number of the station that was reached last. */
const station = async (page) => Number(await page.locator(".prow.cur .g i").innerText());

export async function run(page, { violations }) {
  await toEnd(page);
  const [pod] = await podsOnStage(page);
  await kubectl(page, `delete pod ${pod}`);
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  await page.getByRole("button", { name: "This deletion in ten stations" }).click();
  await page.getByRole("heading", { name: `Deletion of ${pod.split("-").at(-1)}` }).waitFor();
  assert.equal((await titles(page)).length, 10);
  assert.match(await rows(page).nth(7).innerText(), /skipped\s+every process ended after/);

  const forward = [];
  for (;;) {
    const before = await place(page);
    await page.keyboard.press(">");
    const moved = await until(page, "the next station, or none", async () => {
      const isLast = (await rows(page).nth(9).getAttribute("class")).includes("cur");
      return (await place(page)).step !== before.step || isLast;
    });
    assert.ok(moved);
    if ((await place(page)).step === before.step) break;
    forward.push(await station(page));
  }
  assert.deepEqual([...forward].sort((a, b) => a - b), forward, "in this run the stations come in their order");
  assert.equal(forward.at(-1), 10);
  assert.ok(forward.includes(7) && !forward.includes(8), `${forward}`);
  await page.locator(".now-phase", { hasText: "Station 10 of 10" }).waitFor();
  assert.deepEqual(await violations(), [], "the rail");

  await page.keyboard.press("<");
  await until(page, "one station back", async () => (await station(page)) === 9);
  await rows(page).nth(3).getByRole("button").click();
  await until(page, "the mark", async () => (await station(page)) === 4);

  await page.getByRole("button", { name: "Compare" }).click();
  const other = page.locator(".prow .f");
  await other.nth(9).waitFor();
  assert.match(await other.nth(3).innerText(), /grace 0: erased next/);
  assert.match(await other.nth(9).innerText(), /processes still run/);
  assert.match(await page.locator(".pfoot").nth(1).innerText(), /ran on \d/);
  assert.deepEqual(await violations(), [], "both ways");
  await page.keyboard.press("t");
  assert.deepEqual(await violations(), [], "both ways, in the other theme");

  await page.getByRole("button", { name: "Close the stations (D)" }).click();
  await page.locator(".phases").waitFor({ state: "detached" });
  await page.locator(".left .code").waitFor();
}
