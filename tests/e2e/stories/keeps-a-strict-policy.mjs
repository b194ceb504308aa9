import assert from "node:assert/strict";

export const name = "the Content-Security-Policy is strict, and holds against what it forbids";

export async function run(page, { expectFault }) {
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /'unsafe-inline'|'unsafe-eval'|\*|https?:/);

  // Each of these is refused, and reported as a fault, which this story expects; nothing leaves the machine.
  expectFault(/Content Security Policy/i);
  expectFault(/^request (to another origin|failed): https:\/\/elsewhere\.invalid\//);
  const breaches = await page.evaluate(async () => {
    const refused = [];
    addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.wasInjected = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", '<p id="styled" style="color:red">styled</p>');
    const image = new Image();
    const imageFailed = new Promise((resolve) => (image.onerror = resolve));
    image.src = "https://elsewhere.invalid/picture.png";
    await imageFailed;
    const connected = await fetch("https://elsewhere.invalid/").then(() => true, () => false);
    await new Promise((resolve) => setTimeout(resolve));
    // The server states a policy of its own beside the page's, and each that is broken reports it.
    return { refused: [...new Set(refused)].sort(), wasInjected: window.wasInjected === true, connected };
  });
  assert.deepEqual(breaches, {
    refused: ["connect-src", "img-src", "script-src-elem", "style-src-attr"],
    wasInjected: false,
    connected: false,
  });
}
