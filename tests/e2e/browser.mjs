// Chromium as the scripts of this folder use it: no network but the page's own server, and everything that a
// page must not do noted down.
//
// `cargo xtask` sets the environment: CHROMIUM, KUBESTEP_URL (the page), KUBESTEP_SUB_PATH_URL (the same page
// below a path) and KUBESTEP_XTASK (the program, for asking the native core).

import { chromium } from "playwright-core";

const PATIENCE_MS = 20_000;

export const url = needed("KUBESTEP_URL");
export const subPathUrl = needed("KUBESTEP_SUB_PATH_URL");

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; start this with cargo xtask`);
  return value;
}

/** Starts a headless Chromium that can reach nothing but this machine. */
export function launch() {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: needed("CHROMIUM"),
    headless: true,
    args: [
      // The sandbox cannot be set up by root, which is what containers run as.
      ...(isRoot ? ["--no-sandbox"] : []),
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

/**
 * A fresh page with storage of its own, and `faults`: a list that grows while the page misbehaves.
 * `options` are Playwright's for a context: viewport, colorScheme, reducedMotion, ...
 */
export async function freshPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console error: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  context.on("request", (request) => {
    if (leavesTheOrigin(request.url())) faults.push(`request to another origin: ${request.url()}`);
  });
  context.on("requestfailed", (request) => {
    // Cut off since the page is left or reloaded.
    if (request.failure()?.errorText === "net::ERR_ABORTED") return;
    faults.push(`request failed: ${request.url()} (${request.failure()?.errorText})`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
  });
  return { page, faults, close: () => context.close() };
}

function leavesTheOrigin(address) {
  const { protocol, origin } = new URL(address);
  if (protocol === "data:" || protocol === "blob:") return false;
  return origin !== new URL(url).origin && origin !== new URL(subPathUrl).origin;
}

/** Goes to the page and waits until it has drawn its first picture, which it marks itself. */
export async function open(page, address = url) {
  await page.goto(address);
  await page.waitForFunction(() => performance.getEntriesByName("first-picture").length > 0);
}
