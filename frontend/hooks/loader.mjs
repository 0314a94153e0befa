// Moves Trunk's inline module loader into a file of its own, named by its content: the page is
// served with a policy that allows no inline script. Trunk's reload script of `trunk serve` is
// left alone, since that serves without the policy.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { directory, hashOf } from "./staged.mjs";

const page = join(directory, "index.html");
const inline = /<script type="?module"?[^>]*>([^<]*TrunkApplicationStarted[^<]*)<\/script>/;

const html = readFileSync(page, "utf8");
const found = html.match(inline);
if (!found) {
  throw new Error("index.html has no loader of Trunk's to move; has its form changed?");
}
const script = found[1].trim();
const name = `loader-${hashOf(script)}.js`;
writeFileSync(join(directory, name), `${script}\n`);
writeFileSync(page, html.replace(inline, `<script type="module" src="./${name}"></script>`));
