// What reading a list of pods costs, natively and in Chromium: time, memory, and what is kept of each pod.
//
// Every figure is the middle one of some runs, each in a process or a page of its own. `JSON.parse` of the same objects
// stands beside as what a page would do without us.

import { join } from "node:path";

import { Bench } from "./bench.mjs";

const RUNS = 3;
const CHUNK = 64 * 1024;
/** With so much of it a list has said what is in it. */
const HEAD = 64;
const LISTS = [
  [10_000, "small"],
  [10_000, "large"],
  [100_000, "small"],
  [100_000, "large"],
];
const CHANGES = 1_000_000;
const WAYS = ["store-protobuf", "store-json", "serde-lean", "serde-json-value", "k8s-openapi"];

const bench = await Bench.start(process.argv[2]);

let within = true;
for (const [count, size] of LISTS) {
  bench.program("write", bench.folder, count, size);
  const list = `${count}-${size}`;
  console.log(`${count} ${size} pods`);
  heading();
  // More than a gigabyte of JSON is too much for what makes a tree of it.
  const isHuge = count > 10_000 && size === "large";
  const ways = isHuge ? ["store-protobuf"] : WAYS;
  for (const way of ways) line("native", way, count, middle(() => native(way, list)));
  const inPage = {};
  for (const way of ["JSON.parse", ...ways]) {
    // A browser has no string of more than half a gigabyte, and these need one or more trees of it.
    if (count > 10_000 && !way.startsWith("store")) continue;
    inPage[way] = await middleOf(() => inChromium(way, list));
    line("Chromium", way, count, inPage[way]);
    if (way === "store-protobuf") line("Chromium", "the same again", count, again(inPage[way]));
  }
  check(count, size, inPage);
}
bar(`memory after ${CHANGES} changes, as a multiple of that after two`, await growth("10000-small"), 1.1);
await bench.stop();
process.exitCode = within ? 0 : 1;

function fileOf(way, list) {
  return `${list}.${way === "store-protobuf" ? "pb" : "json"}`;
}

function native(way, list) {
  return JSON.parse(bench.program("read", way, join(bench.folder, fileOf(way, list))));
}

function inChromium(way, list) {
  return bench.inPage(readInPage, { way, file: fileOf(way, list), chunkSize: CHUNK, head: HEAD });
}

/** Runs in the page. The first reading of a page is measured, as a person meets it, and one by an engine that has read
 * before: the browser has compiled it well by then, as it did with its own `JSON.parse` long ago. */
async function readInPage({ way, file, chunkSize, head }) {
  const body = new Uint8Array(await (await fetch(file)).arrayBuffer());
  if (way === "JSON.parse") {
    const text = new TextDecoder().decode(body);
    const start = performance.now();
    const list = JSON.parse(text);
    return { objects: list.items.length, bytes: body.length, ms: performance.now() - start };
  }
  const { default: init, WebReading } = await import("./kapi_bench.js");
  const { memory } = await init();
  const read = () => {
    const reading = new WebReading(way);
    const start = performance.now();
    // With the first list of all, what is known of the API's types is read: it takes time, but no memory of this list's.
    reading.push(body.subarray(0, head));
    const before = memory.buffer.byteLength;
    for (let at = head; at < body.length; at += chunkSize) reading.push(body.subarray(at, at + chunkSize));
    const [objects, objectBytes, columnBytes] = reading.finish();
    const ms = performance.now() - start;
    const peak = memory.buffer.byteLength - before;
    reading.free();
    return { objects, bytes: body.length, ms, objectBytes, columnBytes, peak };
  };
  const first = read();
  return way === "store-protobuf" ? { ...first, againMs: read().ms } : first;
}

/** The memory of a store after so many changes, as a multiple of that after the first reading. */
function growth(list) {
  return bench.inPage(changeInPage, { file: fileOf("store-protobuf", list), changes: CHANGES });
}

async function changeInPage({ file, changes }) {
  const body = new Uint8Array(await (await fetch(file)).arrayBuffer());
  const { default: init, WebChanges } = await import("./kapi_bench.js");
  const { memory } = await init();
  const store = new WebChanges("store-protobuf");
  let done = store.read(body) + store.read(body);
  const first = memory.buffer.byteLength;
  while (done < changes) done += store.read(body);
  return memory.buffer.byteLength / first;
}

function middle(run) {
  return ofMiddle(Array.from({ length: RUNS }, run));
}

async function middleOf(run) {
  const runs = [];
  for (let number = 0; number < RUNS; number++) runs.push(await run());
  return ofMiddle(runs);
}

function ofMiddle(runs) {
  return runs.sort((one, other) => one.ms - other.ms)[RUNS >> 1];
}

function heading() {
  const heads = ["", "MB/s", "µs/pod", "B kept/pod", "B beside/pod", "peak MB"];
  console.log(heads.map((head, index) => (index ? head.padStart(13) : head.padEnd(26))).join(""));
}

function line(where, way, count, { bytes, ms, objectBytes, columnBytes, peak }) {
  const figures = [
    bytes / ms / 1000,
    (ms * 1000) / count,
    objectBytes ? objectBytes / count : NaN,
    columnBytes ? columnBytes / count : NaN,
    peak === undefined ? NaN : peak / 1e6,
  ];
  const shown = figures.map((figure) => (Number.isNaN(figure) ? "" : figure.toFixed(figure < 100 ? 1 : 0)).padStart(13));
  console.log(`${`${where} ${way}`.padEnd(26)}${shown.join("")}`);
}

function again({ bytes, againMs }) {
  return { bytes, ms: againMs };
}

function check(count, size, { "JSON.parse": parse, "store-protobuf": store }) {
  if (size === "small") {
    bar("µs per pod in Chromium", (store.ms * 1000) / count, 10);
    bar("KiB kept of a pod", store.objectBytes / count / 1024, 1.3);
  }
  bar("bytes of its columns", store.columnBytes / count, 200);
  bar("MB at the peak beyond what is kept", (store.peak - store.objectBytes - store.columnBytes) / 1e6, (2 * CHUNK) / 1e6);
  if (!parse) return;
  bar("the time of JSON.parse, as a share", store.againMs / parse.ms, 0.2);
  console.log(`the same of the first list of a page: ${(store.ms / parse.ms).toFixed(2)}`);
}

function bar(what, figure, most) {
  const fine = figure <= most;
  within &&= fine;
  console.log(`${what}: ${figure.toFixed(2)}, at most ${most.toFixed(2)}${fine ? "" : ": TOO MUCH"}`);
}
