// The engine as it is built for the page, in a page with nothing else, beside the same program natively.

import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";

import { launch, settled } from "./chromium.mjs";
import { root } from "./packages.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const PROGRAM = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release", "kapi-bench-objects");

export class Bench {
  /** `web`: the folder of the engine. What the program writes into `folder` is served beside it. */
  static async start(web) {
    const bench = new Bench();
    bench.folder = mkdtempSync(join(tmpdir(), "kapi-bench-"));
    process.on("exit", () => rmSync(bench.folder, { recursive: true, force: true }));
    bench.server = createServer((request, response) => serve(web, bench.folder, request, response));
    await new Promise((resolve) => bench.server.listen(0, "127.0.0.1", resolve));
    bench.browser = await launch();
    await settled(bench.browser);
    return bench;
  }

  /** What the program prints. */
  program(...words) {
    return execFileSync(PROGRAM, words.map(String), { encoding: "utf8" });
  }

  /** What a function gives in a page of its own. */
  async inPage(run, argument) {
    const page = await this.browser.newPage();
    try {
      await page.goto(`http://127.0.0.1:${this.server.address().port}`);
      return await page.evaluate(run, argument);
    } finally {
      await page.close();
    }
  }

  async stop() {
    await this.browser.close();
    this.server.close();
  }
}

function serve(web, folder, request, response) {
  const name = basename(new URL(request.url, "http://localhost").pathname) || "index.html";
  response.setHeader("content-type", TYPES[extname(name)] ?? "application/octet-stream");
  if (name === "index.html") return response.end("<!doctype html><title>bench</title>");
  const from = extname(name) in TYPES ? web : folder;
  createReadStream(join(from, name)).on("error", () => response.writeHead(404).end()).pipe(response);
}
