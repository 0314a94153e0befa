// What queries take, natively and in Chromium: read, planned, held against 100,000 pods, joined, grouped, completed.
//
// Every figure is the quickest of some runs, since whatever else the machine does only adds, and stands beside the most
// that it may be and its share of that. What is too slow in either fails.

import { join } from "node:path";

import { Bench } from "./bench.mjs";

const RUNS = 7;
const [PODS, FEWER] = [100_000, 10_000];

const bench = await Bench.start(process.argv[2]);
for (const count of [PODS, FEWER]) bench.program("write", bench.folder, count, "small");
const files = [PODS, FEWER].map((count) => `${count}-small.pb`);
const lines = bench.program("ask", ...files.map((file) => join(bench.folder, file)));
const measures = lines.trim().split("\n").map((line) => JSON.parse(line));
const inChromium = await bench.inPage(askInPage, { files, places: measures.length, runs: RUNS });

console.log(["at most", "native", "share", "Chromium", "share", "rows"].map((head) => head.padStart(10)).join(""));
let within = true;
for (const [place, { name, us, most, rows }] of measures.entries()) {
  const web = inChromium[place];
  const fine = Math.max(us, web) <= most;
  within &&= fine;
  const figures = [time(most), time(us), share(us / most), time(web), share(web / most), String(rows)];
  console.log(`${figures.map((figure) => figure.padStart(10)).join("")}  ${name}${fine ? "" : ": TOO SLOW"}`);
}
await bench.stop();
process.exitCode = within ? 0 : 1;

/** Runs in the page. Microseconds of each measure. */
async function askInPage({ files, places, runs }) {
  const bodies = [];
  for (const file of files) bodies.push(new Uint8Array(await (await fetch(file)).arrayBuffer()));
  const { default: init, WebBench } = await import("./kapi_bench.js");
  await init();
  const asked = new WebBench(...bodies);
  const quickest = [];
  for (let place = 0; place < places; place++) {
    let best = Infinity;
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      const times = asked.run(place);
      best = Math.min(best, ((performance.now() - start) * 1000) / times);
    }
    quickest.push(best);
  }
  return quickest;
}

function time(us) {
  return us < 1000 ? `${us.toFixed(1)} µs` : `${(us / 1000).toFixed(1)} ms`;
}

function share(of) {
  return `${(of * 100).toFixed(0)} %`;
}
