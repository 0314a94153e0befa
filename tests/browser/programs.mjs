// Starts the release programs as a person does, and ends them. Nothing here knows what they do.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root } from "./packages.mjs";

const programs = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release");
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** The demo cluster; its kubeconfig is ready to use. */
export async function startSandbox(options = []) {
  const folder = mkdtempSync(join(tmpdir(), "kapi-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, "kubeconfig");
  const program = await start("kapi-sandbox", ["--kubeconfig", kubeconfig, ...options]);
  return { ...program, kubeconfig };
}

/** The proxy: `url` is what it printed, with the token. */
export async function startKapi({ kubeconfig, port = 0, options = [] }) {
  const program = await start("kapi", ["--kubeconfig", kubeconfig, "--port", port, ...options]);
  const url = new URL(program.line);
  const token = decodeURIComponent(url.hash.replace("#token=", ""));
  return { ...program, url: url.href, origin: url.origin, port: url.port, token };
}

/** Resolves when the program has printed its first line. */
async function start(name, args) {
  const child = spawn(join(programs, name), args.map(String), { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const ended = once(child, "exit").then(() => running.delete(child));
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const line = await Promise.race([firstLine(child.stdout), ended.then(() => null)]);
  if (line === null) throw new Error(`${name} ended before it was ready: ${log}`);
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  return { line, stop, log: () => log };
}

async function firstLine(stream) {
  let text = "";
  for await (const piece of stream.iterator({ destroyOnReturn: false })) {
    text += piece;
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  return null;
}
