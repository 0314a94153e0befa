// What the page costs: bytes of the first load, time to the first rows, the longest task and the memory with 10,000 pods.
//
// Every figure is the least, the middle and the most of five runs, each in a browser of its own. The middle one must
// be within the budget.
//
// Whatever the test driver runs in the page counts as the page's own work, and its locators alone are long tasks. So
// while the page is measured nothing of it is there but a few lines that look at attributes every 20 ms.

import { BarePage } from "./bare-page.mjs";
import { launch, settled } from "./chromium.mjs";
import { startKapi, startSandbox } from "./programs.mjs";
import { longestTask, startTrace, stopTrace } from "./trace.mjs";

const RUNS = 5;
const PODS = 10_000;
const FIGURES = {
  firstLoad: { what: "first load, compressed", unit: "kB", budget: 350 },
  firstRows: { what: "navigation to first rows", unit: "ms" },
  allRows: { what: `navigation to all ${PODS} pods, live`, unit: "ms" },
  longestTask: { what: "longest task after first paint", unit: "ms", budget: 50 },
  longestTaskCpu: { what: "longest task on the processor alone", unit: "ms" },
  typed: { what: "a letter typed to rows filtered", unit: "ms" },
  pageHeap: { what: "JavaScript heap of the page", unit: "MB" },
  pageWasm: { what: "WASM memory of the page", unit: "MB" },
  workerHeap: { what: "JavaScript heap of the worker", unit: "MB" },
  workerWasm: { what: "WASM memory of the worker", unit: "MB" },
};

const sandbox = await startSandbox(["--pods", PODS]);
const kapi = await startKapi({ kubeconfig: sandbox.kubeconfig });
const runs = [];
for (let run = 0; run < RUNS; run++) runs.push(await measure());
await kapi.stop();
await sandbox.stop();
process.exitCode = report(runs) ? 0 : 1;

async function measure() {
  const browser = await launch();
  const page = await BarePage.open(browser, { width: 1400, height: 900, script: watchThePage });
  await settled(browser);
  const trace = await startTrace(browser);

  await page.goto(kapi.url);
  const firstRows = await until(page, "firstRows");
  const allRows = await until(page, "allRowsAreLive", PODS);
  const typed = await use(page);

  const task = longestTask(await stopTrace(trace));
  console.error(`the longest task: ${task.story}`);
  const own = await memoryOf(page);
  const worker = await memoryOf(await page.worker());
  const firstLoad = (await bytesOfFiles(browser)) / 1000;
  await browser.close();
  return {
    firstLoad,
    firstRows,
    allRows,
    typed,
    longestTask: task.wall,
    longestTaskCpu: task.cpu,
    pageHeap: own.heap,
    pageWasm: own.wasm,
    workerHeap: worker.heap,
    workerWasm: worker.wasm,
  };
}

/** Scrolls through everything, sorts, types a query, opens an object: what people do. */
async function use(page) {
  const [middleX, middleY] = [700, 500];
  await page.mouse("mouseMoved", middleX, middleY);
  for (const deltaY of [400, 4_000, 40_000, 400_000, -444_400]) {
    await page.mouse("mouseWheel", middleX, middleY, { deltaX: 0, deltaY });
    await until(page, "everySlotHasItsRow");
  }
  const [x, y] = await page.evaluate(`placeOf('[role="columnheader"]', "Restarts")`);
  await page.click(x, y);
  await until(page, "isSorted");
  await page.press("/");
  await page.press("Control+a");
  await page.type("pods is:broke", { delay: 30 });
  const start = performance.now();
  await page.press("n");
  await until(page, "hasFewerThan", PODS / 2);
  const typed = performance.now() - start;
  await page.press("Enter");
  await page.press("j");
  await page.press("Enter");
  await until(page, "showsFacts");
  return typed;
}

function until(page, name, argument = null) {
  return page.evaluate(`until(${JSON.stringify(name)}, ${JSON.stringify(argument)})`);
}

/** Bytes on the wire of all that is not API data, for somebody who was never here. */
async function bytesOfFiles(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const sizes = new Map();
  page.on("requestfinished", (request) => {
    const { pathname, protocol } = new URL(request.url());
    const isFile = protocol.startsWith("http") && !pathname.startsWith("/clusters");
    // What is asked for again comes out of the cache, of which the browser says less than nothing was sent.
    if (isFile && !sizes.has(pathname)) sizes.set(pathname, sizeOf(request));
  });
  await page.goto(kapi.url);
  await page.getByRole("gridcell").first().waitFor();
  return (await Promise.all(sizes.values())).reduce((sum, size) => sum + size, 0);
}

async function sizeOf(request) {
  const length = await (await request.response()).headerValue("content-length");
  if (length === null) throw new Error(`${request.url()} comes without its length`);
  return Number(length);
}

/** Runs in the page, before anything else does. */
function watchThePage() {
  const rowCount = () => Number(document.querySelector('[role="grid"]')?.getAttribute("aria-rowcount") ?? 0) - 1;
  const conditions = {
    firstRows: () => document.querySelector('[role="row"] [role="gridcell"]:not(:empty)') !== null,
    allRowsAreLive: (pods) =>
      rowCount() >= pods && [...document.querySelectorAll('[role="status"]')].some((badge) => /^\s*live/i.test(badge.textContent)),
    everySlotHasItsRow() {
      const row = document.elementFromPoint(700, 500)?.closest('[role="row"]');
      return (row?.querySelectorAll('[role="gridcell"]').length ?? 0) > 1 && row.textContent.trim() !== "";
    },
    isSorted: () => document.querySelector('[role="columnheader"]:not([aria-sort="none"])') !== null,
    hasFewerThan: (rows) => rowCount() < rows,
    showsFacts: () => [...document.querySelectorAll("h2, h3")].some((heading) => heading.textContent.trim() === "Facts"),
  };
  /** Resolves, when a condition holds, with the time since the navigation in milliseconds. */
  globalThis.until = (name, argument) =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const timer = setInterval(() => {
        if (conditions[name](argument)) resolve(performance.now());
        else if (performance.now() - began > 60_000) reject(new Error(`${name} is not so after a minute`));
        else return;
        clearInterval(timer);
      }, 20);
    });
  globalThis.placeOf = (selector, text) => {
    const element = [...document.querySelectorAll(selector)].find(({ textContent }) => textContent.includes(text));
    const { left, top, width, height } = element.getBoundingClientRect();
    return [left + Math.min(20, width / 2), top + height / 2];
  };
}

/** Of a page or a worker, in megabytes. */
async function memoryOf(scope) {
  await scope.send("HeapProfiler.collectGarbage");
  const { usedSize } = await scope.send("Runtime.getHeapUsage");
  const { result: prototype } = await scope.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects } = await scope.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
  const { result: wasm } = await scope.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }",
  });
  return { heap: usedSize / 1e6, wasm: wasm.value / 1e6 };
}

function report(runs) {
  let within = true;
  for (const [key, { what, unit, budget }] of Object.entries(FIGURES)) {
    const sorted = runs.map((run) => run[key]).sort((one, other) => one - other);
    const middle = sorted[RUNS >> 1];
    const fine = budget === undefined || middle <= budget;
    within &&= fine;
    const figures = sorted.map((figure) => figure.toFixed(1).padStart(9)).join(" ");
    const verdict = budget === undefined ? "" : `at most ${budget}${fine ? "" : ": TOO MUCH"}`;
    console.log(`${what.padEnd(40)} ${figures} ${unit}  ${verdict}`);
  }
  return within;
}
