// Takes pictures of the running page: the middle of a rolling update in both themes at 1440x900 and in the other sizes
// that must work, and what a first visitor sees. The first argument is the folder they go to; a second one picks those
// whose names begin with it.

import { join } from "node:path";

import { freshPage, launch, open } from "./browser.mjs";
import { begin, computed, headline, kubectl, move, toEnd, toStart, until } from "./hands.mjs";

const PICTURES = [
  { name: "dark-1440x900", width: 1440, height: 900, theme: "dark", show: rollout },
  { name: "light-1440x900", width: 1440, height: 900, theme: "light", show: rollout },
  { name: "dark-1280x800", width: 1280, height: 800, theme: "dark", show: rollout },
  { name: "dark-390x844", width: 390, height: 844, theme: "dark", show: rollout },
  { name: "first-visit-1440x900", width: 1440, height: 900, theme: "dark", show: firstVisit },
  { name: "workloads-dark-1440x900", width: 1440, height: 900, theme: "dark", show: workloads },
  { name: "workloads-light-1440x900", width: 1440, height: 900, theme: "light", show: workloads },
  { name: "workloads-390x844", width: 390, height: 844, theme: "dark", show: workloadsInOneColumn },
  { name: "stateful-set-1440x900", width: 1440, height: 900, theme: "dark", show: statefulSet },
  { name: "unschedulable-1440x900", width: 1440, height: 900, theme: "dark", show: unschedulable },
  { name: "unschedulable-light-1440x900", width: 1440, height: 900, theme: "light", show: unschedulable },
  { name: "first-visit-390x844", width: 390, height: 844, theme: "light", show: firstVisit },
  ...inBothThemes({ deletion, "static-pods": staticPods, network }),
];

/** Pictures of `screens` in both themes, in the two sizes that a laptop has. */
function inBothThemes(screens) {
  return Object.entries(screens).flatMap(([screen, show]) =>
    [[1440, 900], [1280, 800]].flatMap(([width, height]) =>
      ["dark", "light"].map((theme) => ({ name: `${screen}-${theme}-${width}x${height}`, width, height, theme, show })),
    ),
  );
}

/** The lesson about rolling updates, where its second ReplicaSet grows. */
async function rollout(page) {
  await lesson(page, /^Rolling update/);
  await stepTo(page, /^Scales web-\w+ from 2 to 3/);
}

/** A deletion beside the one by force, where its SIGTERM is sent. */
async function deletion(page) {
  await lesson(page, /^Graceful deletion/);
  if (!(await page.locator(".phases").isVisible())) await page.keyboard.press("d");
  await page.getByRole("button", { name: "Compare" }).click();
  await page.locator(".prow .f").nth(9).waitFor();
  await stepTo(page, /^Sends SIGTERM/);
}

/** A static pod whose mirror was deleted and comes back. */
async function staticPods(page) {
  await lesson(page, /^Static pods/);
  await stepTo(page, /^Lets static-web\S+ go/);
  await stepOn(page, /^Creates static-web\S+: the mirror/);
}

/** Two tiers, where the database's name was resolved and a rule sends the connection on. */
async function network(page) {
  await lesson(page, /^Service discovery, two tiers/);
  await stepTo(page, /^\w+ sends|^Sends it to/);
}

/** Opens the lesson of that name; it stands still at its beginning, whole. */
async function lesson(page, name) {
  const lessons = page.getByRole("button", { name: "Lessons", exact: true });
  if (!(await lessons.isVisible())) await page.getByRole("button", { name: "Lessons and settings" }).click();
  await lessons.click();
  await page.getByRole("button", { name }).first().click();
  await page.getByRole("button", { name: /^Pause/ }).click();
  await computed(page);
}

/** To the first step that is told in such words. */
async function stepTo(page, words) {
  await toStart(page);
  await stepOn(page, words);
}

/** To the next step that is told in such words. */
async function stepOn(page, words) {
  await move(page, "ArrowRight");
  while (!words.test(await headline(page))) await move(page, "ArrowRight");
}

async function firstVisit(page) {
  await page.locator("[data-pod]").nth(2).waitFor();
  await page.getByRole("button", { name: /^Pause/ }).click();
}

const template = (app, more = "") =>
  `{metadata: {labels: {app: ${app}}}, spec: {${more} containers: [{name: ${app}, image: "${app}:1"}]}}`;
const workload = (api, kind, name, spec, more) =>
  `apiVersion: ${api}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec} template: ${template(name, more)}}\n`;
const selector = (name) => `selector: {matchLabels: {app: ${name}}},`;
const database = workload("apps/v1", "StatefulSet", "db", `replicas: 3, serviceName: db, ${selector("db")}`);

/** Something of every kind at once. */
async function workloads(page) {
  const run = "restartPolicy: Never,";
  const nightly = `schedule: "*/5 * * * *", jobTemplate: {spec: {template: ${template("nightly", run)}}}`;
  await begin(page, [
    workload("apps/v1", "Deployment", "web", `replicas: 4, ${selector("web")}`),
    database,
    workload("apps/v1", "DaemonSet", "agent", selector("agent")),
    workload("batch/v1", "Job", "load", "completions: 5, parallelism: 2,", run),
    `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\nspec: {${nightly}}\n`,
  ].join("---\n"));
  await toStart(page);
  await move(page, "ArrowRight");
  while (!/^Creates .*db-1/.test(await headline(page))) await move(page, "ArrowRight");
}

async function workloadsInOneColumn(page) {
  const column = page.viewportSize();
  await page.setViewportSize({ width: 1440, height: 900 });
  await workloads(page);
  await page.setViewportSize(column);
}

/** A StatefulSet whose second pod is being replaced, with its wires. */
async function statefulSet(page) {
  await begin(page, database);
  await toEnd(page);
  await kubectl(page, "set image statefulset/db db=db:2");
  await computed(page);
  while (!/^Deletes db-1/.test(await headline(page))) await move(page, "ArrowRight");
  await page.locator(".obj", { hasText: "StatefulSet" }).click();
}

/** The scheduler's table of a pod that fits nowhere. */
async function unschedulable(page) {
  const huge = "containers: [{name: c, image: c, resources: {requests: {cpu: 100}}}]";
  await begin(page, `${database}---\napiVersion: v1\nkind: Pod\nmetadata: {name: huge}\nspec: {${huge}}\n`);
  await toStart(page);
  await move(page, "ArrowRight");
  while (!/^Marks huge unschedulable/.test(await headline(page))) await move(page, "ArrowRight");
}

const [folder, some = ""] = process.argv.slice(2);
const browser = await launch();
for (const { name, width, height, theme, show } of PICTURES.filter(({ name }) => name.startsWith(some))) {
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
