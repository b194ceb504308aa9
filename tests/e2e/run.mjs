// Runs the stories of stories/*.mjs in Chromium, each in a fresh page, and prints `N passed, M failed`.
//
// A story exports `name`, a sentence, and `run(page, context)`, which throws where the page does otherwise.
// It may export `options` (Playwright's for a context: viewport, colorScheme, ...; `address`: null to start with an
// empty page, or another than the page's), and `needsTwoParts`: true if it is about the wasm in two parts, which a
// page built with --dev has not. context = {
//   url, subPathUrl   where the page is
//   open(address)     goes there and waits for the first picture
//   native(manifests, commands)   the native core's steps
//   violations()      what axe finds
//   expectFault(pattern)          this fault is part of the story
// }
// Whatever the page must not do fails its story too: a console error, a breach of the Content-Security-Policy
// (which Chromium reports as one), a request that fails or leaves the origin. A story that fails leaves
// target/e2e/<file>.png. Name files as arguments to run only these.

import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { violations } from "./accessibility.mjs";
import { freshPage, launch, open, subPathUrl, url } from "./browser.mjs";
import { runNatively } from "./core.mjs";

const STORIES = fileURLToPath(new URL("stories", import.meta.url));
const PICTURES = fileURLToPath(new URL("../../target/e2e", import.meta.url));
const LONGEST_STORY_MS = 120_000;
const HAS_TWO_PARTS = process.env.KUBESTEP_HAS_TWO_PARTS === "yes";

async function read(file) {
  const story = await import(pathToFileURL(join(STORIES, file)));
  if (typeof story.name !== "string" || typeof story.run !== "function") throw new Error(`${file} exports no name and run`);
  return { file, ...story };
}

async function tell(browser, { file, name, run, options = {} }) {
  const { address = url, ...pageOptions } = options;
  const { page, faults, close } = await freshPage(browser, pageOptions);
  const expected = [];
  const context = {
    url,
    subPathUrl,
    open: (where) => open(page, where),
    native: runNatively,
    violations: () => violations(page),
    expectFault: (pattern) => expected.push(pattern),
  };
  try {
    if (address !== null) await open(page, address);
    await withinTime(run(page, context));
    const unexpected = faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
    if (unexpected.length > 0) throw new Error(unexpected.join("\n"));
    return null;
  } catch (error) {
    const picture = join(PICTURES, `${basename(file, ".mjs")}.png`);
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: picture }).catch(() => {});
    const seen = faults.filter((fault) => !error.message.includes(fault));
    return [error.stack ?? error.message, ...seen, `picture: ${picture}`].join("\n");
  } finally {
    await close();
  }
}

function withinTime(story) {
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${LONGEST_STORY_MS / 1000} s`)), LONGEST_STORY_MS);
  });
  return Promise.race([story, tooLong]).finally(() => clearTimeout(timer));
}

const chosen = process.argv.slice(2).map((name) => basename(name));
const files = (await readdir(STORIES)).filter((file) => file.endsWith(".mjs")).sort();
const wanted = chosen.length > 0 ? files.filter((file) => chosen.includes(file)) : files;
if (wanted.length === 0) throw new Error("there is no such story");

let passed = 0;
let failed = 0;
const browser = await launch();
for (const story of await Promise.all(wanted.map(read))) {
  if (story.needsTwoParts && !HAS_TWO_PARTS) {
    console.log(`--  ${story.name} (not told of a page in one part)`);
    continue;
  }
  const started = performance.now();
  const problem = await tell(browser, story);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problem ? "FAILED" : "ok"}  ${story.name} (${seconds} s)`);
  if (problem) console.log(problem.replace(/^/gm, "      "));
  if (problem) failed += 1;
  else passed += 1;
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
