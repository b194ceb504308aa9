import assert from "node:assert/strict";

export const name = "the page works below a path of any host";
export const options = { address: null };

export async function run(page, { open, subPathUrl }) {
  await open(subPathUrl);
  const addresses = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  assert.ok(addresses.some((address) => address.endsWith(".wasm")), "the wasm module was loaded");
  for (const address of addresses.filter((address) => !address.startsWith("data:"))) {
    assert.ok(address.startsWith(subPathUrl), `${address} lies below ${subPathUrl}`);
  }
}
