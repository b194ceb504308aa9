// The native core's answer to the same question that the page was asked.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The page's editor is a file of this name, and kubectl lines are part of the steps. */
const FILE = "manifests.yaml";

/**
 * Applies `manifests` (YAML text) and runs each kubectl command to rest, natively.
 * Gives the steps as `cargo xtask run --json` prints them.
 */
export function runNatively(manifests, commands = []) {
  const folder = mkdtempSync(join(tmpdir(), "kubestep-"));
  try {
    writeFileSync(join(folder, FILE), manifests);
    const asked = ["run", FILE, "--json", ...commands.flatMap((command) => ["--do", command])];
    const output = execFileSync(process.env.KUBESTEP_XTASK, asked, {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    });
    return JSON.parse(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
