// The packages of package.json, from where ./dev installs them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

const require = createRequire(`${root}.tools/npm/package.json`);

export const { chromium } = require("playwright-core");

/** The text of axe, to run in a page whose policy allows no other script. */
export const axe = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
