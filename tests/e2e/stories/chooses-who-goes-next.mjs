import assert from "node:assert/strict";

import { computed, headline, move, place, toEnd, toStart, until } from "../hands.mjs";

export const name = "while something is under way the page lists who could go next; one goes first, another is held back";

export async function run(page) {
  await toStart(page);
  for (let step = 0; step < 6; step += 1) await move(page, "ArrowRight");
  // In the middle of the creation several wait.
  await page.getByRole("tab", { name: "Next" }).click();
  const rows = page.locator(".nexts li");
  const waiting = await rows.locator("p:first-child").allInnerTexts();
  assert.ok(waiting.length > 2, `${waiting.length} wait`);
  const { step: before } = await place(page);

  // The last of them goes first.
  const last = rows.last();
  const chosen = await last.locator("p:first-child").innerText();
  await last.getByRole("button", { name: /^Go next/ }).click();
  await until(page, "the choice is a step", async () => (await place(page)).step === before + 1);
  assert.equal(await headline(page), `Lets this go next: ${chosen}`);
  await page.getByRole("button", { name: /^Play/ }).waitFor();

  // Another is held back: it leaves the front of the line, and everything else goes before it.
  await computed(page);
  const held = await rows.first().locator("p:first-child").innerText();
  await rows.first().getByRole("button", { name: /^Hold/ }).click();
  await until(page, "holding back is a step", async () => (await place(page)).step === before + 2);
  assert.equal(await headline(page), `Holds this back for 2 s: ${held}`);
  await until(page, "it waits 2 s", async () => (await rows.last().innerText()).includes("+2"));

  // What was done is part of the session: a reload brings it back, step by step.
  const told = await headline(page);
  await page.reload();
  await until(page, "the same step is in view", async () => (await headline(page)) === told);

  await toEnd(page);
  await page.getByRole("tab", { name: "Next" }).click();
  await page.getByText("Nobody is about to act").waitFor();
}
