// Bundles static/editor/index.js and CodeMirror into one module beside the page: editor.js.
// trunk calls this while it builds; static/index.html loads it by that name.

import { join } from "node:path";
import { build } from "esbuild";

await build({
  entryPoints: [join(process.env.TRUNK_SOURCE_DIR, "editor", "index.js")],
  outfile: join(process.env.TRUNK_STAGING_DIR, "editor.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  banner: { js: "/* Contains CodeMirror 6, (c) Marijn Haverbeke and others, MIT licence, https://codemirror.net */" },
  logLevel: "warning",
});
