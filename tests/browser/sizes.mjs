// Prints what the files of a built page weigh on the network: node sizes.mjs dist

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const folder = process.argv[2];
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .map((path) => {
    const bytes = readFileSync(path);
    return { path, plain: bytes.length, brotli: Math.min(bytes.length, brotliCompressSync(bytes).length) };
  })
  .sort((one, other) => other.brotli - one.brotli);
const sum = (key) => files.reduce((total, file) => total + file[key], 0);
const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(9);

console.log("   brotli     plain  kB");
for (const { path, plain, brotli } of [...files, { path: "in all", plain: sum("plain"), brotli: sum("brotli") }]) {
  console.log(`${kilobytes(brotli)} ${kilobytes(plain)}  ${path}`);
}
