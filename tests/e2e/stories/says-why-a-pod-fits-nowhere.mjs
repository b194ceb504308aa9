import assert from "node:assert/strict";

import { begin, headline, move, toEnd, toStart } from "../hands.mjs";

export const name = "the scheduler's table shows which filter rejects which node, and the points of those that pass";
export const options = { reducedMotion: "reduce" };

const pod = (name, cpu) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  containers:
  - {name: c, image: "c:1", resources: {requests: {cpu: "${cpu}"}}}
`;

const node = (name, spec) => `apiVersion: v1
kind: Node
metadata: {name: ${name}}
spec: ${spec}
status: {allocatable: {cpu: "4", memory: 8Gi, pods: "110"}}
`;
const NODES = [
  node("node-1", "{}"),
  node("node-2", "{}"),
  node("node-3", "{taints: [{key: dedicated, value: db, effect: NoSchedule}]}"),
];

export async function run(page, { violations }) {
  const goTo = async (words) => {
    await toStart(page);
    await move(page, "ArrowRight");
    while (!words.test(await headline(page))) await move(page, "ArrowRight");
  };
  const check = async (what) => {
    for (const _ of ["as it is", "switched"]) {
      assert.deepEqual(await violations(), [], what);
      await page.keyboard.press("t");
    }
  };
  const table = page.getByRole("region", { name: "Nodes by filters and scores" });
  const cells = (row) => table.locator("tr", { has: page.getByRole("rowheader", { name: row, exact: true }) }).locator("td");

  await begin(page, [...NODES, pod("small", "1"), pod("huge", "100")].join("---\n"));
  await goTo(/^Binds small/);
  // It is a filter, and below a score.
  assert.deepEqual((await cells("TaintToleration").allInnerTexts()).slice(0, 3), ["passes", "passes", "rejects"]);
  const totals = (await cells("Total").allInnerTexts()).map((text) => text.trim());
  assert.equal(totals.filter((text) => /^\d+ chosen$/.test(text)).length, 1, totals.join());
  assert.equal(totals.filter((text) => /^\d+ passes$/.test(text)).length, 1, totals.join());
  await check("a pod that fits");

  await goTo(/^Marks huge unschedulable/);
  const said = await cells("NodeResourcesFit").allInnerTexts();
  assert.deepEqual(said.map((text) => text.trim().split("\n")[0]), ["rejects", "rejects", "not asked"]);
  assert.deepEqual(await cells("NodeUnschedulable").allInnerTexts(), ["passes", "passes", "passes"]);
  assert.match(await table.locator("..").innerText(), /cpu in thousandths: 100000 asked > 4000 - \d+ used/);
  await check("a pod that fits nowhere");
  // What is wider than the panel is reached with the keyboard.
  await table.focus();
  await page.keyboard.press("End");

  await toEnd(page);
  const reasons = await page.locator(".tray-message .tagl").allInnerTexts();
  assert.deepEqual(reasons, ["1 node(s) had untolerated taint(s)", "2 Insufficient cpu"]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("tablist", { name: "Panels" }).getByRole("tab", { name: "Why" }).click();
  await check("on a phone");
}
