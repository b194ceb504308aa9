// The native core's answer to the same question that the page was asked.

import { execFileSync } from "node:child_process";

/**
 * Applies `manifests` (YAML text) and runs each kubectl command to rest, natively.
 * Gives the steps as `cargo xtask run --json` prints them.
 */
export function runNatively(manifests, commands = []) {
  const asked = ["run", "-", "--json", ...commands.flatMap((command) => ["--do", command])];
  const output = execFileSync(process.env.KUBESTEP_XTASK, asked, {
    input: manifests,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(output);
}
