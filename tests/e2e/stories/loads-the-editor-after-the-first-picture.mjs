import assert from "node:assert/strict";

export const name = "the first picture waits for nothing but what the page and its styles name; then comes the editor";

export async function run(page, { url }) {
  const { before, sources } = await page.evaluate(async () => {
    const [drawn] = performance.getEntriesByName("first-picture");
    const resources = performance.getEntriesByType("resource");
    const before = resources.filter(({ startTime }) => startTime < drawn.startTime).map(({ name }) => name);
    const sheets = [...document.styleSheets].map(({ href }) => href);
    const texts = await Promise.all([location.href, ...sheets].map((each) => fetch(each).then((answer) => answer.text())));
    return { before, sources: texts.join("\n") };
  });
  const names = before.filter((name) => name.startsWith(url)).map((name) => name.slice(url.length));
  assert.ok(names.some((name) => name.endsWith(".wasm")) && names.some((name) => name.endsWith(".woff2")), names.join(" "));
  for (const name of names) assert.ok(sources.includes(name), `${name} is loaded, but does not count as needed`);
  assert.ok(!names.includes("editor.js"));

  // Until the editor is there the manifests are: as text, where the editor will be.
  await page.locator(".code .cm-content", { hasText: "kind: Deployment" }).waitFor();
  assert.equal(await page.locator(".code-text").count(), 0);
}
