// Parts the page's wasm into what the first picture calls and the rest (xtask/src/page/parts), and teaches
// wasm-bindgen's JavaScript about the rest. All three files are named for what they hold now.
//
// KUBESTEP_XTASK is the program that parts. With KUBESTEP_OBSERVED=yes the module stays whole and notes which of its
// functions are called: `cargo xtask profile` looks at such a page.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What wasm-bindgen's JavaScript gives to the module: an object with one entry for itself. */
const IMPORTS = /return \{\s*__proto__: null,\s*"[^"]+": import0,/;

export async function partProgram(folder) {
  const xtask = process.env.KUBESTEP_XTASK;
  if (!xtask) throw new Error("KUBESTEP_XTASK is not set; build the page with cargo xtask build");
  const old = only(await readdir(folder), /^(kubestep-web-[0-9a-f]+)_bg\.wasm$/);
  const at = (name) => join(folder, name);
  const [whole, first, second] = [`${old}_bg.wasm`, "first.wasm", "second.wasm"].map(at);

  if (process.env.KUBESTEP_OBSERVED === "yes") {
    execFileSync(xtask, ["observe", whole, first], { stdio: "inherit" });
    await rename(first, whole);
    return write(at("index.html"), (page) => resealed(page, folder, [`${old}_bg.wasm`]));
  }

  execFileSync(xtask, ["split", whole, first, second], { stdio: "inherit" });
  const glue = await readFile(at(`${old}.js`), "utf8");
  const hash = createHash("sha256").update(await readFile(first)).update(await readFile(second)).update(glue);
  const name = `kubestep-web-${hash.digest("hex").slice(0, 16)}`;
  if (!IMPORTS.test(glue)) throw new Error("wasm-bindgen's JavaScript has no imports where they were");
  const later = `\n        later: window.kubestepPage.later(() => wasm, new URL("${name}_later.wasm", import.meta.url)),`;
  await writeFile(at(`${name}.js`), glue.replace(IMPORTS, (imports) => imports + later));
  await rename(first, at(`${name}_bg.wasm`));
  await rename(second, at(`${name}_later.wasm`));
  await rm(whole);
  await rm(at(`${old}.js`));
  await write(at("index.html"), (page) => resealed(page.replaceAll(old, name), folder, [`${name}.js`, `${name}_bg.wasm`]));
}

function only(names, pattern) {
  const found = names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
  if (found.length !== 1) throw new Error(`one file like ${pattern} was expected, not ${found.length}`);
  return found[0];
}

async function write(file, change) {
  await writeFile(file, await change(await readFile(file, "utf8")));
}

/** The page with the integrity of these files as they are now. */
async function resealed(page, folder, names) {
  let sealed = page;
  for (const name of names) {
    const digest = createHash("sha384").update(await readFile(join(folder, name))).digest("base64");
    const link = new RegExp(`(<link [^>]*href="\\./${name.replaceAll(".", "\\.")}"[^>]* integrity=")[^"]*`);
    if (!link.test(sealed)) throw new Error(`index.html does not seal ${name}`);
    sealed = sealed.replace(link, `$1sha384-${digest}`);
  }
  return sealed;
}
