// Measures the page in Chromium. Prints one figure per line: {"name": ..., "value": ..., "unit": ...}.
//
// What the page offers for it: it marks its first picture (`performance.mark("first-picture")`), and its wasm
// module exports `simulate(manifests, commands)` as `window.kubestep.simulate`, which does what `cargo xtask run`
// does and gives { runs, fingerprints }: `runs` has { steps, milliseconds } for the apply and then for each command,
// each to rest; `fingerprints` has one per step, as `cargo xtask run --json` prints it. Everything else is done as a
// person would, with the keyboard.

import { freshPage, launch, open } from "./browser.mjs";

const LOADS = 7;
const ROLLOUTS = 5;
const WATCHED_MS = 6_000;

function manifests(pods) {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${pods}
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: web:1
        ports:
        - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 8080
`;
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}

function print(name, value, unit) {
  console.log(JSON.stringify({ name, value, unit }));
}

/** Milliseconds from the navigation to the first picture, each time with an empty cache. */
async function timeToFirstPicture(browser) {
  const times = [];
  for (let load = 0; load < LOADS; load += 1) {
    const { page, close } = await freshPage(browser);
    await open(page);
    times.push(await page.evaluate(() => performance.getEntriesByName("first-picture")[0].startTime));
    await close();
  }
  print("time to first picture", median(times), "ms");
}

/** Applies `pods` pods, plays their rolling update, and divides the time spent in scripts by the frames drawn. */
async function scriptPerFrame(browser, pods) {
  const { page, close } = await freshPage(browser);
  await open(page);
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(manifests(pods));
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.keyboard.press("Escape");
  // Once the whole creation is known its end can be gone to; the stage draws many pods as cells.
  await page.waitForFunction((pods) => {
    dispatchEvent(new KeyboardEvent("keydown", { key: "End" }));
    const cells = [...document.querySelectorAll("[data-pods]")].map((each) => Number(each.dataset.pods));
    return document.querySelectorAll("[data-pod]").length + cells.reduce((sum, each) => sum + each, 0) >= pods;
  }, pods);
  await page.keyboard.press("Control+Backquote");
  await page.keyboard.type("set image deployment/web web=web:2");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.keyboard.press("5");

  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const scriptSeconds = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ScriptDuration").value;
  };
  const before = await scriptSeconds();
  const frames = await page.evaluate(
    (watched) =>
      new Promise((resolve) => {
        const end = performance.now() + watched;
        let frames = 0;
        const count = (now) => (now < end ? ((frames += 1), requestAnimationFrame(count)) : resolve(frames));
        requestAnimationFrame(count);
      }),
    WATCHED_MS,
  );
  const spent = ((await scriptSeconds()) - before) * 1000;
  print(`script per animation frame, ${pods} pods`, spent / frames, "ms");
  print(`frames in ${WATCHED_MS / 1000} s, ${pods} pods`, frames, "frames");
  await close();
}

/** A rolling update as the page's own core simulates it, without drawing. */
async function rollout(browser, pods) {
  const { page, close } = await freshPage(browser);
  await open(page);
  const created = [];
  const rolled = [];
  for (let round = 0; round < ROLLOUTS; round += 1) {
    const { runs } = await page.evaluate(
      ([text, command]) => window.kubestep.simulate(text, [command]),
      [manifests(pods), "set image deployment/web web=web:2"],
    );
    created.push(runs[0]);
    rolled.push(runs[1]);
  }
  for (const [what, runs] of [["create", created], ["rolling update", rolled]]) {
    print(`${pods}-pod ${what}`, median(runs.map(({ milliseconds }) => milliseconds)), "ms");
    print(`${pods}-pod ${what}, steps`, runs[0].steps, "steps");
  }
  await close();
}

const browser = await launch();
await timeToFirstPicture(browser);
for (const pods of [50, 200]) await scriptPerFrame(browser, pods);
await rollout(browser, 100);
await browser.close();
