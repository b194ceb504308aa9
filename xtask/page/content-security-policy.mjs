// Completes the Content-Security-Policy that static/index.html states:
// {inline-script-hashes} becomes the hash of every inline script that trunk put there.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

export async function completePolicy(folder) {
  const file = join(folder, "index.html");
  const page = await readFile(file, "utf8");
  const placeholder = "{inline-script-hashes}";
  if (!page.includes(placeholder)) throw new Error(`static/index.html has no ${placeholder}`);

  // While watching, trunk's server puts its own address into a script that reloads the page, after this ran.
  const isWatched = process.env.KUBESTEP_WATCHED === "yes";

  const sha256 = (text) => createHash("sha256").update(text).digest("base64");
  const hashes = [...page.matchAll(INLINE_SCRIPT)].map(([, script]) => `'sha256-${sha256(script)}'`);
  const allowed = isWatched ? "'unsafe-inline'" : hashes.join(" ");
  await writeFile(file, page.replaceAll(placeholder, allowed));
}
