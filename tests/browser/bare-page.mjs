// A page without the test driver in it: its own way to a page has every request and every script of that told to it,
// which takes turns with what is measured.

const KEYS = {
  Enter: { code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  "Control+a": { key: "a", code: "KeyA", windowsVirtualKeyCode: 65, modifiers: 2, commands: ["selectAll"] },
};

export class BarePage {
  /** A page of its own in a browser, in which `script` runs before anything else. */
  static async open(browser, { width, height, script }) {
    const root = await browser.newBrowserCDPSession();
    const { targetId } = await root.send("Target.createTarget", { url: "about:blank" });
    const page = new BarePage();
    page.session = await Session.attach(root, targetId);
    await page.send("Page.enable");
    await page.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${script})()` });
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    return page;
  }

  send(method, params) {
    return this.session.send(method, params);
  }

  async goto(url) {
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) throw new Error(`${url} cannot be opened: ${errorText}`);
  }

  /** What an expression says, once that is known. */
  async evaluate(expression) {
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", how);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async press(name) {
    const key = KEYS[name] ?? { text: name };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key: name, ...key });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key: name, ...key, text: undefined });
  }

  async type(text, { delay }) {
    for (const letter of text) {
      await this.press(letter);
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }

  mouse(type, x, y, more = {}) {
    return this.send("Input.dispatchMouseEvent", { type, x, y, ...more });
  }

  async click(x, y) {
    await this.mouse("mouseMoved", x, y);
    await this.mouse("mousePressed", x, y, { button: "left", clickCount: 1 });
    await this.mouse("mouseReleased", x, y, { button: "left", clickCount: 1 });
  }

  /** Its worker, to speak with. */
  async worker() {
    const attached = new Promise((resolve) => this.session.on("Target.attachedToTarget", resolve));
    await this.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    const { sessionId } = await attached;
    return new Session(this.session, sessionId);
  }
}

/** Speaks through another session, with messages wrapped by hand: the driver has no sessions within sessions. */
class Session {
  #waiting = new Map();
  #listeners = new Map();

  static async attach(parent, targetId) {
    const { sessionId } = await parent.send("Target.attachToTarget", { targetId, flatten: false });
    return new Session(parent, sessionId);
  }

  constructor(parent, sessionId) {
    this.parent = parent;
    this.sessionId = sessionId;
    parent.on("Target.receivedMessageFromTarget", (event) => {
      if (event.sessionId === sessionId) this.#hear(JSON.parse(event.message));
    });
  }

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  #hear({ id, method, params, result, error }) {
    if (id === undefined) return this.#listeners.get(method)?.forEach((listener) => listener(params));
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  }

  #last = 0;

  send(method, params = {}) {
    const id = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const message = JSON.stringify({ id, method, params });
    this.parent.send("Target.sendMessageToTarget", { sessionId: this.sessionId, message });
    return answer;
  }
}
