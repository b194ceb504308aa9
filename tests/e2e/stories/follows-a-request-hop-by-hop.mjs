import assert from "node:assert/strict";

import { computed, headline, move, until } from "../hands.mjs";

export const name = "a request is followed hop by hop, forward and back, with the rules and the packet of its hop";
export const options = { reducedMotion: "reduce" };

const station = (page) => page.locator(".hop[aria-current=step]");
/** The number and title of the station in view; none between hops. */
const shown = async (page) => ((await station(page).count()) > 0 ? (await station(page).innerText()).split("\n") : null);

export async function run(page, { violations }) {
  await page.getByRole("button", { name: "Lessons", exact: true }).click();
  await page.getByRole("button", { name: /^Service discovery, two tiers/ }).click();
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
  await page.getByRole("button", { name: "Network", pressed: true }).waitFor();
  assert.equal(await page.locator("[data-endpoint=ready]").count(), 5, "two frontends and three databases");

  // The lesson has begun to play: back to before the first hop.
  while (await shown(page)) await move(page, "ArrowLeft");
  const forward = [];
  const rules = page.getByRole("group", { name: /^Rules on node-/ });
  let sawRules = false;
  for (let steps = 0; steps < 60; steps += 1) {
    await move(page, "ArrowRight");
    const now = await shown(page);
    if (!now) continue;
    forward.push([now[0], await headline(page)]);
    if (now[0] === "4") {
      await rules.waitFor();
      assert.match(await rules.innerText(), /KUBE-SVC db[\s\S]*p 0\.333[\s\S]*else[\s\S]*from revision \d+/);
      const packet = page.locator(".diff pre", { hasText: "dst" });
      assert.match(await packet.innerText(), /-dst 10\.\d+\.\d+\.\d+:5432\s*\+dst 10\.244\.\d+\.\d+:5432/);
      assert.match(await page.locator(".tally.now").innerText(), /^\d+$/);
      assert.deepEqual(await violations(), [], "a pick");
      sawRules = true;
    }
    if (now[0] === "5") break;
  }
  const numbers = forward.map(([number]) => number);
  assert.equal(numbers[0], "1");
  assert.equal(numbers.at(-1), "5");
  assert.deepEqual([...numbers].sort(), numbers, "stations come in their order");
  assert.ok(numbers.includes("2") && numbers.includes("3") && sawRules, `${numbers}`);
  await page.locator(".net-of .ok", { hasText: "answered" }).waitFor();
  assert.deepEqual(await violations(), [], "connected");

  const back = [forward.at(-1)];
  while (back.length < forward.length) {
    await move(page, "ArrowLeft");
    const now = await shown(page);
    if (now) back.push([now[0], await headline(page)]);
  }
  assert.deepEqual(back.reverse(), forward, "back is the same way");

  await page.locator(".hop").nth(2).getByRole("button").click();
  await until(page, "the DNS answer is in view", async () => (await shown(page))?.[0] === "3");
  await page.getByRole("group", { name: "Answer", exact: true }).waitFor();

  await page.getByRole("tab", { name: "Env" }).click();
  await page.locator(".env", { hasText: "DATABASE=db:5432" }).waitFor();
  await page.getByRole("tab", { name: "Requests" }).click();
  await page.locator(".reqs header", { hasText: "visitors" }).getByRole("button", { name: "Follow next" }).click();
  await page.locator(".net-of", { hasText: "of visitors" }).waitFor();
  assert.match(await page.locator(".hop").first().innerText(), /App calls frontend/);
  assert.deepEqual(await violations(), [], "what clients sent");
  await page.keyboard.press("t");
  assert.deepEqual(await violations(), [], "in the other theme");
}
