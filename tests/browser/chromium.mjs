// The browser, and contexts in which nothing goes wrong unseen.

import { chromium } from "./packages.mjs";

const FLAGS = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(flags = []) {
  const asRoot = process.getuid() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...FLAGS, ...asRoot, ...flags],
  });
}

/** Resolves when the browser has started all that it starts by itself (its own menus are pages, too). */
export async function settled(browser) {
  const session = await browser.newBrowserCDPSession();
  for (let before = -1; ; ) {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const used = processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
    if (used - before < 0.01) break;
    before = used;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await session.detach();
}

/**
 * A context of its own, which writes down what must not happen: errors on the console, violations of the policy, and
 * requests to any origin but `origin`. What a test provokes, it names beforehand with `faults.expect`.
 */
export async function watchedContext(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const faults = new Faults();
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
      console.error(`policy violated: ${violatedDirective} by ${blockedURI} in ${sourceFile}:${lineNumber}`),
    );
  });
  const visit = (url) => {
    const { protocol, host } = new URL(url);
    const own = ["data:", "blob:"].includes(protocol) || host === new URL(origin).host;
    if (!own) faults.add(`request to another origin: ${url}`);
  };
  context.on("request", (request) => visit(request.url()));
  context.on("console", (message) => {
    if (message.type() === "error") faults.add(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => faults.add(`uncaught: ${error.error()}`));
  context.on("page", (page) => page.on("websocket", (socket) => visit(socket.url())));
  return { context, faults };
}

class Faults {
  #found = [];
  #expected = [];

  expect(...patterns) {
    this.#expected.push(...patterns);
  }

  add(text) {
    this.#found.push(text);
  }

  /** What was found since the last time and not expected. */
  take() {
    const unexpected = this.#found.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
    this.#found = [];
    this.#expected = [];
    return unexpected;
  }
}
