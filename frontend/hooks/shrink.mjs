// Takes out of a release what the page does not need, gives short names to what is left between the module and its
// glue, and makes one file of the styles, which compresses better. The framework brings classes of its own for streams, which nobody makes, and wasm-bindgen names each of some
// two hundred functions twice by its type's hash: together they are a thirtieth of all that is loaded.
//
// Without binaryen's tools (a `trunk build` by hand) everything stays as it is: it works the same.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { directory, hashOf } from "./staged.mjs";

const named = (pattern) => readdirSync(directory).find((name) => pattern.test(name));
const glueName = named(/^mosaic-[0-9a-f]+\.js$/);
const moduleName = named(/^mosaic-[0-9a-f]+_bg\.wasm$/);

if (process.env.TRUNK_PROFILE === "release") {
  joinStyles();
  if (glueName && moduleName && hasTools()) shrink();
}

/** One style sheet, where the first one is asked for. */
function joinStyles() {
  const page = join(directory, "index.html");
  const links = /<link href="?\.\/([\w-]+\.css)"?[^>]*rel="?stylesheet"?[^>]*>/g;
  const html = readFileSync(page, "utf8");
  const names = [...html.matchAll(links)].map(([, name]) => name);
  if (names.length === 0) throw new Error("index.html asks for no styles; has its form changed?");
  const text = names.map((name) => readFileSync(join(directory, name), "utf8")).join("\n");
  const joined = `style-${hashOf(text)}.css`;
  names.forEach((name) => rmSync(join(directory, name)));
  writeFileSync(join(directory, joined), text);
  const link = `<link href="./${joined}" rel="stylesheet">`;
  writeFileSync(page, html.replace(links, (_, name) => (name === names[0] ? link : "")));
}

function hasTools() {
  try {
    execFileSync("wasm-metadce", ["--help"], { stdio: "ignore" });
    return true;
  } catch {
    console.error("wasm-metadce is not there: the module keeps its long names");
    return false;
  }
}

function shrink() {
  const module = join(directory, moduleName);
  let glue = withoutClasses(readFileSync(join(directory, glueName), "utf8"));
  keepOnly(module, new Set([...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name)));
  const names = shorten(module);
  glue = withoutComments(withNames(glue, names));
  writeFileSync(join(directory, glueName), glue);
  rename(hashOf(glue, readFileSync(module)));
}

/** The glue without the classes that the module exports: the page asks for none of them. */
function withoutClasses(glue) {
  const begin = glue.indexOf("function __wbg_get_imports()");
  if (begin < 0) throw new Error("the glue has no imports; has wasm-bindgen changed its form?");
  return glue.slice(begin).replace(/^const \w+Finalization = [^;]*;\n/gm, "");
}

/** Removes from the module what none of these exports reaches. */
function keepOnly(module, exports) {
  const graph = join(directory, "exports.json");
  const roots = ["memory", ...exports].map((name) => ({ name: `${name} is used`, export: name, root: true }));
  writeFileSync(graph, JSON.stringify(roots));
  execFileSync("wasm-metadce", [module, "--graph-file", graph, "-o", module], { stdio: ["ignore", "ignore", "inherit"] });
  rmSync(graph);
}

/** Gives imports and exports names of a letter or two; says which. */
function shorten(module) {
  const options = ["--minify-imports-and-exports-and-modules", module, "-o", module];
  const { imports, exports } = JSON.parse(execFileSync("wasm-opt", options, { encoding: "utf8" }));
  return {
    imports: new Map(imports.map(([, name, short]) => [name, short])),
    exports: new Map(exports),
  };
}

/** The glue with the short names, and without the functions that the module no longer asks for. */
function withNames(glue, { imports, exports }) {
  const used = new Set();
  const functions = /^ {8}(\w+): function\([\s\S]*?^ {8}\}(?:, arguments\); \})?,\n/gm;
  const shortened = glue.replace(functions, (text, name) => {
    used.add(name);
    return imports.has(name) ? text.replace(name, imports.get(name)) : "";
  });
  const lost = [...imports.keys()].filter((name) => !used.has(name));
  if (lost.length > 0) throw new Error(`the glue has no ${lost.join(", ")}; has wasm-bindgen changed its form?`);
  return shortened
    .replace(/"\.\/mosaic_bg\.js": import0/, "a: import0")
    .replace(/\bwasm\.(\w+)/g, (text, name) => (exports.has(name) ? `wasm.${exports.get(name)}` : text));
}

function withoutComments(glue) {
  return glue.replace(/^ *\/\*[\s\S]*?\*\/\n/gm, "").replace(/^\s+/gm, "");
}

/** Both have another content now, and are called by it wherever they are asked for. */
function rename(hash) {
  const old = moduleName.match(/[0-9a-f]{8,}/)[0];
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (/\.(html|js)$/.test(name)) writeFileSync(path, readFileSync(path, "utf8").replaceAll(old, hash));
    if (name.includes(old)) renameSync(path, join(directory, name.replace(old, hash)));
  }
}
