// Runs before anything is drawn: the theme, and what to do when the program cannot start or stops.
//
// Nothing here needs WebAssembly, so that what a person typed stays in reach whatever happens to it.
"use strict";

(() => {
  const draftKey = "kubestep.draft";
  const panickedKey = "kubestep.panicked";
  const themeKey = "kubestep.theme";

  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage is off; the page works without.
    }
  };

  const keep = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Full or off: the text is still in the editor.
    }
  };

  const preferred = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  document.documentElement.dataset.theme = stored(themeKey) ?? preferred;

  let failed = false;
  let started = false;

  /**
   * What the first picture does without is a second module, made by `cargo xtask build`. It comes right after the
   * picture, or at once when the first module asks for it. Here: how to fetch it early.
   */
  let fetchLater = async () => {};

  /**
   * The first module's import `later`. `first` gives that module's exports, `address` is the second's; to be
   * instantiated is all that the second needs.
   */
  function later(first, address) {
    let isThere = false;
    const place = (module) => {
      if (isThere) return;
      new WebAssembly.Instance(module, { first: first() });
      isThere = true;
      playOn();
    };
    fetchLater = async () => place(await WebAssembly.compileStreaming(fetch(address)));
    return {
      load() {
        try {
          place(new WebAssembly.Module(fetchNow(address)));
        } catch (error) {
          fail("A part of the page did not arrive.", `${address}: ${error.message}`);
          throw error;
        }
      },
    };
  }

  /** The bytes of a file, with everything standing still until they are here. */
  function fetchNow(address) {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    // Such a request gives text only: in this character set every byte is a character that ends in it.
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status !== 200) throw new Error(`the answer was ${request.status}`);
    return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0));
  }

  /** The first picture stands still until all is there that moves it; the program looks for this attribute. */
  function playOn() {
    document.documentElement.dataset.plays = "";
  }

  /** The editor comes after the first picture: until then the manifests stand there as text. */
  let isEditorFetched = false;
  function fetchEditor() {
    if (isEditorFetched) return;
    isEditorFetched = true;
    const script = document.createElement("script");
    script.type = "module";
    script.src = "editor.js";
    document.head.append(script);
  }
  const drawn = new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-picture").length === 0) return;
    drawn.disconnect();
    // First what the editor is going to call. A failure is told when somebody needs what is missing.
    fetchLater().catch(() => {}).finally(() => {
      playOn();
      fetchEditor();
    });
  });
  drawn.observe({ type: "mark", buffered: true });

  /**
   * Says that the program stopped, keeps what was typed, and offers a way on. `reason` is for a person to send on.
   */
  function fail(title, reason) {
    if (failed) return;
    failed = true;
    document.documentElement.dataset.failed = "";
    fetchEditor();
    const show = () => {
      const element = (id) => document.getElementById(id);
      element("failure-title").textContent = title;
      element("failure-reason").textContent = reason;
      element("failure-copy").addEventListener("click", () => navigator.clipboard?.writeText(`${title}\n${reason}`));
      element("failure-reload").addEventListener("click", () => location.reload());
      element("failure").hidden = false;
      if (!started) return editAlone();
      // What the program drew would call it again; only the editor is a program of its own.
      for (const part of document.querySelectorAll(".hdr,.m-h,.scn,.tabs,.apply,.term,.stage,.m-stage,.right,.tl,.tl-narrow,.m-tabs")) {
        part.inert = true;
      }
    };
    document.readyState === "loading" ? addEventListener("DOMContentLoaded", show) : show();
  }

  /** The program never started: an editor with the draft, and no cluster. */
  function editAlone() {
    const parent = document.getElementById("starting-left");
    const note = document.getElementById("starting-note");
    if (note) note.textContent = "The cluster is not running. The manifests are still here to be edited and copied.";
    if (!parent) return;
    const onChange = (next) => keep(draftKey, next);
    const host = document.createElement("div");
    host.className = "code";
    const area = document.createElement("textarea");
    area.className = "plain-editor";
    area.setAttribute("aria-label", "manifests.yaml");
    area.value = stored(draftKey) ?? "";
    area.addEventListener("input", () => onChange(area.value));
    host.append(area);
    parent.append(host);
    // The editor may still be on its way, and may never come.
    const improve = () => {
      const { createEditor } = window.kubestepPage;
      if (!createEditor) return;
      area.remove();
      createEditor(host, { text: area.value, label: "manifests.yaml", dark: document.documentElement.dataset.theme === "dark", onChange });
    };
    addEventListener("kubestep:editor", improve, { once: true });
    improve();
  }

  window.kubestepPage = Object.assign(window.kubestepPage ?? {}, {
    /** Called by the program's panic hook. */
    panicked(reason) {
      keep(panickedKey, "yes");
      fail("kubestep stopped: this is a fault of the program, not of the manifests, which are kept.", reason);
    },
    hasFailed: () => failed,
    later,
    keepDraft: (text) => keep(draftKey, text),
  });

  if (typeof WebAssembly !== "object") {
    fail("This browser has no WebAssembly, which the simulated cluster runs on.", navigator.userAgent);
  }

  addEventListener("TrunkApplicationStarted", () => (started = true));
  addEventListener("unhandledrejection", (event) => started || fail("The simulated cluster did not start.", String(event.reason)));
  addEventListener(
    "error",
    (event) => {
      const source = event.target;
      if (source instanceof HTMLScriptElement) fail("A part of the page did not arrive.", source.src || "a script");
      else if (event instanceof ErrorEvent && !started) fail("The simulated cluster did not start.", event.message);
    },
    true,
  );
})();
