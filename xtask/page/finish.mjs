// What is done to the page when trunk has written it: the wasm in two parts, then the policy, which counts on the
// page's scripts being final. One hook, since trunk starts the hooks of a stage side by side.

import { completePolicy } from "./content-security-policy.mjs";
import { partProgram } from "./parts.mjs";

const folder = process.env.TRUNK_STAGING_DIR;
if (process.env.TRUNK_PROFILE === "release") await partProgram(folder);
await completePolicy(folder);
