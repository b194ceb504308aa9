// Completes the Content-Security-Policy that static/index.html states, when trunk has written the page:
// {inline-script-hashes} becomes the hash of every inline script that trunk put there, and {style-nonce} a
// value for the style elements that CodeMirror makes. The value is the same for the same page, so that two
// builds of one source are equal; it keeps no secret, since nothing on the page turns input into markup.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

const file = join(process.env.TRUNK_STAGING_DIR, "index.html");
const page = await readFile(file, "utf8");
for (const placeholder of ["{inline-script-hashes}", "{style-nonce}"]) {
  if (!page.includes(placeholder)) throw new Error(`static/index.html has no ${placeholder}`);
}

const sha256 = (text) => createHash("sha256").update(text).digest("base64");
const hashes = [...page.matchAll(INLINE_SCRIPT)].map(([, script]) => `'sha256-${sha256(script)}'`);
await writeFile(
  file,
  page.replaceAll("{inline-script-hashes}", hashes.join(" ")).replaceAll("{style-nonce}", sha256(page)),
);
