import assert from "node:assert/strict";

import { move, place, toEnd, toStart, until } from "../hands.mjs";

export const name = "stepping back to the start and forward again shows the same picture at every step";
export const options = { reducedMotion: "reduce" };

/** Everything on the stage and in the inspector that a step can change: what it says, is, and where it stands. */
function picture(page) {
  return page.evaluate(() => {
    const places = [...document.querySelectorAll("[data-figure]")].map((figure) => {
      const { x, y, width, height } = figure.getBoundingClientRect();
      const rect = [x, y, width, height].map(Math.round).join(" ");
      return `${figure.dataset.figure} [${figure.className}] ${rect} ${figure.textContent}`;
    });
    const wires = [...document.querySelectorAll(".plane svg path")].map((path) => path.getAttribute("d"));
    return [...places.sort(), ...wires.sort(), document.querySelector(".right").textContent].join("\n");
  });
}

export async function run(page) {
  await toEnd(page);
  await toStart(page);
  const forward = new Map([[0, await picture(page)]]);
  while (forward.size < 40) forward.set(await move(page, "ArrowRight"), await picture(page));
  const [last] = [...forward.keys()].slice(-1);

  // Backwards the stations of a step are the same; only its message is not sent again.
  const visited = [last];
  while ((await place(page)).step > 0) visited.push(await move(page, "ArrowLeft"));
  assert.deepEqual(visited, [...forward.keys()].reverse());
  assert.equal(await picture(page), forward.get(0), "the start");

  for (const [step, expected] of [...forward].slice(1)) {
    assert.equal(await move(page, "ArrowRight"), step);
    await until(page, `step ${step} looks as it did`, async () => (await picture(page)) === expected, 3_000).catch(
      async (error) => assert.equal(await picture(page), expected, error.message),
    );
  }
}
