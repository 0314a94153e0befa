// One journey through the page on the release build, from the first address to a proxy that came back.
//
// KAPI_JOURNEY says on which cluster: `sandbox` (started here), or `cluster` (that of $KUBECONFIG). It makes a namespace
// with a deployment of its own there, so both look alike. Every step begins at an address, and waits for what it
// expects, never for a time.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { Api, until } from "./api.mjs";
import { launch, watchedContext } from "./chromium.mjs";
import { Mosaic } from "./mosaic.mjs";
import { axe, root } from "./packages.mjs";
import { startKapi, startSandbox } from "./programs.mjs";

const ROWS = 3;
const LIVE_SECONDS = 2;
const namespace = `journey-${Math.random().toString(36).slice(2, 8)}`;
const everyPod = `pods ns:${namespace}`;

let sandbox, kapi, api, browser, context, faults, page, mosaic;

before(async () => {
  if (process.env.KAPI_JOURNEY !== "cluster") sandbox = await startSandbox(["--pods", "200"]);
  kapi = await startKapi({ kubeconfig: sandbox?.kubeconfig ?? process.env.KUBECONFIG });
  api = await Api.open(kapi);
  await makeWorld();
  browser = await launch();
  ({ context, faults } = await watchedContext(browser, kapi.origin));
});

after(async () => {
  await browser?.close();
  await api?.delete(`/api/v1/namespaces/${namespace}`).catch((error) => console.error(error.message));
  await kapi?.stop();
  await sandbox?.stop();
});

beforeEach(async () => {
  page = await context.newPage();
  mosaic = new Mosaic(page);
});

afterEach(async (step) => {
  await keepPicture(step.name);
  await Promise.all(context.pages().map((page) => page.close()));
  assert.deepEqual(faults.take(), [], "nothing went wrong unseen");
});

test("opens with rows, and the token is gone from the address", async () => {
  await page.goto(kapi.url);
  await mosaic.rows.first().waitFor();
  assert.equal(new URL(page.url()).hash, "");
  await page.goBack();
  assert.ok(!page.url().includes("token"), `the history holds no token: ${page.url()}`);
  await page.goForward();
  await mosaic.rows.first().waitFor();
  await until("every pod has its row", async () => {
    const pods = await api.get("/api/v1/pods");
    return (await mosaic.total()) === pods.items.length;
  });
  assert.equal(await mosaic.rows.first().getAttribute("aria-rowindex"), "2");
  const heads = await mosaic.grid.getByRole("columnheader").allInnerTexts();
  for (const head of ["Name", "Ready", "Status", "Restarts", "Age"]) {
    assert.ok(heads.some((text) => text.startsWith(head)), `there is a column ${head} among ${heads}`);
  }
  await mosaic.untilBadge(/^\s*live/i);
});

test("counts the kinds at the side, and leads to them", async () => {
  await open("pods");
  const nodes = await api.get("/api/v1/nodes");
  const link = mosaic.kinds.getByRole("link", { name: new RegExp(`^Nodes\\s+${nodes.items.length}$`) });
  await link.click();
  await mosaic.untilTotal(nodes.items.length);
  assert.equal(mosaic.parameter("q"), "nodes");
  await mosaic.head("Version").waitFor();
});

test("filters while a query is typed, and writes it into the address", async () => {
  await open("pods");
  await mosaic.untilBadge(/^\s*live/i);
  await mosaic.write(everyPod);
  await mosaic.untilTotal(ROWS);
  await until("the address has it", () => mosaic.parameter("q") === everyPod);
  await mosaic.write(`${everyPod} app=web no-such-name`);
  await mosaic.untilTotal(0);
  await mosaic.write(`${everyPod}   app=web `);
  await mosaic.query.press("Enter");
  await mosaic.untilTotal(ROWS);
  await until("the address has its canonical form", () => mosaic.parameter("q") === `${everyPod} app=web`, 5);
});

test("sorts by the head of a column", async () => {
  await open(everyPod);
  await mosaic.untilTotal(ROWS);
  await mosaic.head("Name").click();
  const order = () => mosaic.head("Name").getAttribute("aria-sort");
  await until("it is sorted", async () => (await order()) !== "none");
  await expectSorted(await order());
  const before = await order();
  await mosaic.head("Name").click();
  await until("it is sorted the other way", async () => !["none", before].includes(await order()));
  await expectSorted(await order());
  assert.match(mosaic.parameter("q"), /sort:-?name/);
});

test("shows what appears, changes and goes, at once", async (step) => {
  await open(everyPod);
  await mosaic.untilTotal(ROWS);
  await mosaic.untilBadge(/^\s*live/i);

  await createPod(step, "extra");
  await soon(step, "a new pod", () => mosaic.row("extra").isVisible());

  await api.patch(`/api/v1/namespaces/${namespace}/pods/extra`, { metadata: { labels: { app: "other" } } });
  await mosaic.run(`${everyPod} app=other`);
  await mosaic.untilTotal(1);
  await api.patch(`/api/v1/namespaces/${namespace}/pods/extra`, { metadata: { labels: { app: "another" } } });
  await soon(step, "a changed label", async () => (await mosaic.total()) === 0);

  await mosaic.run(everyPod);
  await mosaic.untilTotal(ROWS + 1);
  await deletePod("extra");
  await soon(step, "a deletion", async () => (await mosaic.row("extra").count()) === 0);
  await mosaic.untilTotal(ROWS);
});

test("opens an object, and follows what it belongs with", async () => {
  await open(everyPod);
  const [pod] = await podNames();
  await mosaic.row(pod).click();
  await mosaic.details.getByRole("heading", { name: pod }).waitFor();
  assert.equal(mosaic.parameter("o"), `pods/${namespace}/${pod}`);

  await mosaic.details.getByRole("link", { name: /^web-[a-z0-9]+$/ }).first().click();
  await until("the replica set is open", () => mosaic.parameter("o")?.startsWith("replicasets.apps/"));
  await mosaic.details.getByText("ReplicaSet", { exact: false }).first().waitFor();
  await mosaic.details.getByRole("link", { name: "web", exact: true }).first().click();
  await until("the deployment is open", () => mosaic.parameter("o") === `deployments.apps/${namespace}/web`);
  await mosaic.details.getByRole("heading", { name: "web", exact: true }).waitFor();

  await page.goBack();
  await page.goBack();
  await mosaic.details.getByRole("heading", { name: pod }).waitFor();
  await page.goForward();
  await until("forward leads to the replica set", () => mosaic.parameter("o")?.startsWith("replicasets.apps/"));
  await mosaic.details.getByRole("heading", { name: /^web-[a-z0-9]+$/ }).waitFor();
  await mosaic.details.getByRole("button", { name: "Close the details" }).click();
  await mosaic.details.waitFor({ state: "detached" });
  assert.equal(mosaic.parameter("o"), null);
  assert.equal(mosaic.parameter("q"), everyPod);
});

test("shows the object as YAML", async () => {
  const [pod] = await podNames();
  await open(everyPod, `pods/${namespace}/${pod}`);
  const yaml = mosaic.details.getByRole("button", { name: /^YAML/ });
  await yaml.click();
  const text = mosaic.details.getByText(/kind: Pod/).first();
  await text.waitFor();
  assert.equal(await yaml.getAttribute("aria-pressed"), "true");
  const all = await mosaic.details.innerText();
  for (const line of ["apiVersion: v1", `name: ${pod}`, `namespace: ${namespace}`, "phase: "]) {
    assert.ok(all.includes(line), `the text has ${line}`);
  }
  assert.ok(!all.includes("managedFields"), "the text leaves out managedFields");
});

test("finds a kind that nobody built in by its short name, and opens one", async () => {
  await open(`sa ns:${namespace}`);
  await mosaic.untilTotal(1);
  await mosaic.untilBadge(/^\s*live/i);
  await mosaic.kinds.getByRole("link", { name: /^ServiceAccounts/ }).waitFor();
  await mosaic.row("default").click();
  await mosaic.details.getByRole("heading", { name: "default" }).waitFor();
  assert.equal(mosaic.parameter("o"), `serviceaccounts/${namespace}/default`);
  // For whoever gets the link, too.
  await page.reload();
  await mosaic.details.getByRole("heading", { name: "Facts" }).waitFor();
  await mosaic.details.getByRole("button", { name: /^YAML/ }).click();
  await mosaic.details.getByText(/kind: ServiceAccount/).first().waitFor();
});

test("shows the same after a reload, and for whoever gets the link", async () => {
  const [pod] = await podNames();
  await open(`${everyPod} sort:-name`, `pods/${namespace}/${pod}`);
  await mosaic.details.getByRole("heading", { name: pod }).waitFor();
  await mosaic.untilTotal(ROWS);
  const address = page.url();
  const rows = await mosaic.cells("Name");
  await page.reload();
  await expectSame(mosaic, address, rows, pod);
  const copied = await context.newPage();
  await copied.goto(address);
  await expectSame(new Mosaic(copied), address, rows, pod);
});

test("goes back and forward through queries", async () => {
  await open(everyPod);
  await mosaic.untilTotal(ROWS);
  await mosaic.run(`deploy ns:${namespace}`);
  await mosaic.untilTotal(1);
  await page.goBack();
  await mosaic.untilTotal(ROWS);
  assert.equal(await mosaic.query.inputValue(), everyPod);
  await page.goForward();
  await mosaic.untilTotal(1);
  await mosaic.head("Up-to-date").or(mosaic.head("Available")).first().waitFor();
});

test("keeps the valid part of a wrong query, and says what is wrong", async () => {
  await open("pods");
  await mosaic.untilBadge(/^\s*live/i);
  await mosaic.write(`${everyPod} nod:x`);
  await until("it is called wrong", async () => (await mosaic.query.getAttribute("aria-invalid")) === "true");
  await page.getByText(/nod is not a field of pods/).waitFor();
  await page.getByRole("button", { name: "Write node" }).waitFor();
  await mosaic.untilTotal(ROWS);
  await until("the wrong part is underlined", () => page.evaluate(isUnderlined, "nod"));
  await mosaic.query.press("Alt+Enter");
  assert.equal(await mosaic.query.inputValue(), `${everyPod} node:x`);
  await mosaic.untilTotal(0);
});

test("starts a worker that died again, and says so", async (step) => {
  faults.expect(/the engine stopped/);
  await open(everyPod);
  await mosaic.untilBadge(/^\s*live/i);
  const counts = await mosaic.recordTotals();
  const [worker] = page.workers();
  // It ends before it can answer.
  worker.evaluate(() => self.close()).catch(() => {});
  await mosaic.alert(/engine stopped/).waitFor();
  await until("another one is there", () => page.workers().some((other) => other !== worker));
  await mosaic.untilBadge(/^\s*live/i);
  await mosaic.untilTotal(ROWS);
  assert.deepEqual(await counts(), [], "the rows stay while the next engine starts");
  await createPod(step, "after");
  await soon(step, "a pod made afterwards", () => mosaic.row("after").isVisible());
  await page.getByRole("alert").getByRole("button", { name: "Dismiss" }).click();
  await mosaic.alert(/engine stopped/).waitFor({ state: "detached" });
});

test("asks for the token, and goes on where it was", async () => {
  const stranger = await watchedContext(browser, kapi.origin);
  stranger.faults.expect(/401/);
  const other = new Mosaic(await stranger.context.newPage());
  await other.page.goto(address(everyPod));
  await other.signIn.waitFor();
  await expectAccessible(other.page, "the sign-in");
  await other.signIn.getByLabel("Address or token").fill("wrong");
  await other.page.keyboard.press("Enter");
  await other.signIn.getByText(/refused/).waitFor();
  await other.signIn.getByLabel("Address or token").fill(kapi.url);
  await other.signIn.getByRole("button", { name: "Sign in" }).click();
  await other.signIn.waitFor({ state: "hidden" });
  await other.untilTotal(ROWS);
  assert.equal(other.parameter("q"), everyPod);
  await stranger.context.close();
  assert.deepEqual(stranger.faults.take(), []);
});

test("is worked by keys", async () => {
  await open(everyPod);
  await mosaic.untilTotal(ROWS);
  const selected = async () => (await mosaic.grid.getByRole("row", { selected: true }).all()).length;
  const press = (key) => page.keyboard.press(key);
  await press("j");
  await until("a row is chosen", async () => (await selected()) === 1);
  await press("j");
  await press("k");
  const [first] = await mosaic.cells("Name");
  await press("Enter");
  await mosaic.details.getByRole("heading", { name: first }).waitFor();
  await press("y");
  await mosaic.details.getByText(/kind: Pod/).first().waitFor();
  await press("Escape");
  await press("o");
  await until("the owner is open", () => mosaic.parameter("o")?.startsWith("replicasets.apps/"));
  await press("[");
  await until("back is the pod", () => mosaic.parameter("o")?.startsWith("pods/"));
  await press("]");
  await until("on is the owner", () => mosaic.parameter("o")?.startsWith("replicasets.apps/"));
  await press("Escape");
  await mosaic.details.waitFor({ state: "detached" });
  await press("b");
  await until("only broken ones", () => mosaic.parameter("q") === `${everyPod} is:broken`);
  await mosaic.untilTotal(0);
  await press("b");
  await mosaic.untilTotal(ROWS);
  await press("/");
  await until("the query has the focus", () => mosaic.query.evaluate((input) => input === document.activeElement));
  await press("Escape");
  await press("?");
  await page.getByRole("dialog", { name: "All keys" }).waitFor();
  await press("Escape");
  await page.getByRole("dialog", { name: "All keys" }).waitFor({ state: "hidden" });
  await press("g");
  await press("d");
  await until("g d leads to deployments", () => mosaic.parameter("q") === "deployments");
});

test("can be used by everyone, in both themes, in high contrast, and on a phone", async () => {
  const [pod] = await podNames();
  for (const [look, media, viewport] of LOOKS) {
    await page.emulateMedia(media);
    await page.setViewportSize(viewport);
    await open("pods");
    await mosaic.untilBadge(/^\s*live/i);
    await expectAccessible(page, `the table, ${look}`);
    // On a phone they take the place of the rows.
    await visit(everyPod, `pods/${namespace}/${pod}`);
    await mosaic.details.getByRole("heading", { name: pod }).waitFor();
    await expectAccessible(page, `the details, ${look}`);
    await mosaic.write(`${everyPod} nod:x`);
    await page.getByText(/nod is not a field of pods/).waitFor();
    await expectAccessible(page, `a wrong query, ${look}`);
    await mosaic.run(`${everyPod} no-such-name`);
    await page.getByRole("heading", { name: /^No pod in .* matches$/ }).waitFor();
    await expectAccessible(page, `a view without rows, ${look}`);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "All keys" }).waitFor();
    await expectAccessible(page, `the keys, ${look}`);
  }
});

test("moves nothing for those who ask for less motion", async () => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open("pods");
  await mosaic.untilBadge(/^\s*live/i);
  await mosaic.write(`${everyPod} st`);
  await page.getByRole("option").first().waitFor();
  assert.deepEqual(await page.evaluate(() => document.getAnimations().length), 0);
});

test("offers what the language has, to the keyboard and to the mouse", async () => {
  await open(everyPod);
  await mosaic.untilBadge(/^\s*live/i);
  const options = page.getByRole("option");
  await mosaic.write(`${everyPod} status:`);
  await options.filter({ hasText: "Running" }).waitFor();
  assert.equal(await mosaic.query.getAttribute("aria-expanded"), "true");
  const active = () => page.evaluate(() => {
    const id = document.activeElement.getAttribute("aria-activedescendant");
    return document.getElementById(id)?.getAttribute("aria-selected");
  });
  assert.equal(await active(), "true", "the input names the option that is chosen");
  await options.filter({ hasText: "Running" }).click();
  await until("the click is taken", async () => (await mosaic.query.inputValue()) === `${everyPod} status:Running`);
  await mosaic.write(`${everyPod} stat`);
  await options.filter({ hasText: "status:" }).waitFor();
  await mosaic.query.press("Tab");
  await until("Tab takes it", async () => (await mosaic.query.inputValue()) === `${everyPod} status:`);
  await mosaic.query.press("Escape");
  await until("Esc closes it", async () => (await mosaic.query.getAttribute("aria-expanded")) === "false");
});

test("Enter takes the first offer of a view without rows", async () => {
  await open(everyPod);
  await mosaic.run(`${everyPod} no-such-name`);
  await page.getByRole("heading", { name: /^No pod in .* matches$/ }).waitFor();
  await page.keyboard.press("Enter");
  await mosaic.untilTotal(ROWS);
  assert.equal(mosaic.parameter("q"), everyPod);
});

const onCluster = process.env.KAPI_JOURNEY === "cluster";

test("shows each user what it may see, and says what it may not", { skip: !onCluster && "one user" }, async () => {
  faults.expect(/403/);
  const { clusters } = await api.clusters();
  for (const [context, views] of Object.entries(USERS)) {
    const { slug } = clusters.find((cluster) => cluster.context === context);
    for (const [query, seen] of Object.entries(views)) {
      await page.goto(`${kapi.origin}/?${new URLSearchParams({ c: slug, q: query })}#token=${kapi.token}`);
      const what = `${context}: ${query}`;
      if (seen === ALLOWED) {
        await mosaic.rows.first().waitFor();
        await mosaic.untilBadge(/^\s*live/i);
      } else if (seen === PARTLY) {
        // The namespace of the context stands in for a cluster that may not be listed.
        await mosaic.rows.first().waitFor();
        await mosaic.untilBadge(/^\s*partial/i);
      } else {
        await page.getByRole("heading", { name: new RegExp(`^You may not list ${query.split(" ")[0]}`) }).waitFor();
        await page.getByText(/^Missing right: list/).waitFor();
        await page.getByText(/is forbidden/).first().waitFor();
        assert.equal(await mosaic.rows.count(), 0, what);
        await expectAccessible(page, what);
      }
      await mosaic.kinds.getByRole("link", { name: /^Pods/ }).waitFor();
    }
  }
});

// The last one, since the proxy gets another token by it.
test("keeps its rows while the proxy is gone, and goes on with the next token", async (step) => {
  faults.expect(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE|WebSocket|401/);
  await open(everyPod);
  await mosaic.untilBadge(/^\s*live/i);
  const rows = await mosaic.cells("Name");
  const counts = await mosaic.recordTotals();
  await kapi.stop();
  await mosaic.untilBadge(/^\s*(stale|offline)/i);
  assert.deepEqual(await mosaic.cells("Name"), rows);
  await page.getByText(/Try \d+ in \d+ s\./).waitFor();
  const ages = await mosaic.cells("Age");
  await page.getByRole("button", { name: /^Try now/ }).first().waitFor();
  await expectAccessible(page, "rows of a moment ago");

  kapi = await startKapi({ kubeconfig: sandbox?.kubeconfig ?? process.env.KUBECONFIG, port: kapi.port });
  api = await Api.open(kapi);
  await mosaic.signIn.waitFor({ timeout: 60_000 });
  const sent = [];
  page.on("request", (request) => sent.push(request.url()));
  page.on("websocket", (socket) => sent.push(socket.url()));
  assert.deepEqual(await mosaic.cells("Name"), rows);
  assert.deepEqual(await mosaic.cells("Age"), ages, "ages stand still");
  assert.deepEqual(await counts(), [], "no row has come or gone");
  await expectAccessible(page, "the sign-in above what is known");
  assert.deepEqual(sent, [], "one refused token stops all requests");
  await mosaic.signIn.getByLabel("Address or token").fill(kapi.url);
  await page.keyboard.press("Enter");
  await mosaic.signIn.waitFor({ state: "hidden" });
  await mosaic.untilBadge(/^\s*live/i);
  assert.equal(mosaic.parameter("q"), everyPod);
  await createPod(step, "resumed");
  await soon(step, "a pod made afterwards", () => mosaic.row("resumed").isVisible());
});

const DESK = { width: 1400, height: 900 };
const LOOKS = [
  ["light", { colorScheme: "light" }, DESK],
  ["dark", { colorScheme: "dark" }, DESK],
  ["in high contrast", { colorScheme: "light", contrast: "more" }, DESK],
  ["in high contrast, dark", { colorScheme: "dark", contrast: "more" }, DESK],
  ["in the system's own colours", { colorScheme: "dark", contrast: null, forcedColors: "active" }, DESK],
  ["on a phone", { colorScheme: "light", forcedColors: null }, { width: 390, height: 844 }],
];

const [ALLOWED, PARTLY, FORBIDDEN] = ["allowed", "partly", "forbidden"];
/** By context of the test cluster: what its user may see. */
const USERS = {
  "kapi-admin": { pods: ALLOWED, nodes: ALLOWED, "pods ns:team-a": ALLOWED },
  "kapi-viewer": { pods: ALLOWED, nodes: ALLOWED, "pods ns:team-a": ALLOWED },
  "kapi-developer": { pods: PARTLY, nodes: FORBIDDEN, "pods ns:team-a": ALLOWED },
  "kapi-nobody": { pods: FORBIDDEN, nodes: FORBIDDEN, "pods ns:team-a": FORBIDDEN },
};

/** A namespace with a deployment of three pods that run. */
async function makeWorld() {
  await api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const labels = { app: "web" };
  await api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace, labels },
    spec: {
      replicas: ROWS,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
  await until("the pods run", async () => {
    const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods`);
    return items.filter((pod) => pod.status.phase === "Running").length === ROWS;
  }, 120);
}

const container = { name: "main", image: "registry.example/web:1.0.0" };

/** Whatever becomes of the step, the next one does not find the pod. */
async function createPod(step, name) {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec: { containers: [container] } };
  await api.create(`/api/v1/namespaces/${namespace}/pods`, pod);
  step.after(async () => {
    if ((await podNames()).includes(name)) await deletePod(name);
  });
}

function deletePod(name) {
  return api.delete(`/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
}

async function podNames() {
  const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods`);
  return items.map((pod) => pod.metadata.name).sort();
}

function address(query, object) {
  const parameters = new URLSearchParams({ c: api.slug, q: query, ...(object && { o: object }) });
  return `${kapi.origin}/?${parameters}`;
}

function visit(query, object) {
  return page.goto(`${address(query, object)}#token=${encodeURIComponent(kapi.token)}`);
}

async function open(query, object) {
  await visit(query, object);
  await mosaic.rows.first().waitFor();
}

/** Holds within the time that is promised for changes; says how long it took. */
async function soon(step, what, condition) {
  const start = performance.now();
  await until(`${what} shows`, condition, LIVE_SECONDS);
  step.diagnostic(`${what} shows after ${Math.round(performance.now() - start)} ms`);
}

async function expectSorted(order) {
  await until(`names are ${order}`, async () => {
    const names = await mosaic.cells("Name");
    const sorted = names.toSorted();
    return String(names) === String(order === "ascending" ? sorted : sorted.reverse());
  });
}

async function expectSame(other, address, rows, pod) {
  await other.details.getByRole("heading", { name: pod }).waitFor();
  await other.untilTotal(rows.length);
  await until("the rows are the same", async () => String(await other.cells("Name")) === String(rows));
  assert.equal(other.page.url(), address);
}

/** Nothing that axe calls serious or worse. */
async function expectAccessible(page, what) {
  await page.evaluate(axe());
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    const where = ({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`;
    return grave.flatMap(({ id, help, nodes }) => [`${id}: ${help}`, ...nodes.slice(0, 5).map(where)]);
  });
  assert.deepEqual(violations, [], what);
}

/** Runs in the page: whether an element with just this text has a line below it. */
function isUnderlined(text) {
  const having = [...document.querySelectorAll("*")].filter((element) => element.textContent === text);
  return having.some((element) => {
    const { textDecorationLine, borderBottomStyle, backgroundImage } = getComputedStyle(element);
    return textDecorationLine.includes("underline") || borderBottomStyle !== "none" || backgroundImage !== "none";
  });
}

/** What the page looked like at the end of every step, for when it failed. */
async function keepPicture(name) {
  const folder = `${root}.tools/journey`;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name.replaceAll(/\W+/g, "-")}.png` }).catch(() => {});
}
