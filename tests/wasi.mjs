// Runs a program that was compiled to WASM for WASI, with its arguments: the engine's tests. They need no more of the
// system than a clock and chance, so they are given no files; what a test expects is compared, but cannot be updated.

import { readFile } from "node:fs/promises";
import { argv, exit } from "node:process";
import { WASI } from "node:wasi";

const [program, ...options] = argv.slice(2);
const wasi = new WASI({ version: "preview1", args: [program, ...options], env: { RUST_BACKTRACE: "0" } });
const module = await WebAssembly.compile(await readFile(program));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
exit(wasi.start(instance));
