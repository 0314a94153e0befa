// Pictures of every view on the demo cluster, for people to look at: node shots.mjs [folder]

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { Api } from "./api.mjs";
import { launch, watchedContext } from "./chromium.mjs";
import { Mosaic } from "./mosaic.mjs";
import { root } from "./packages.mjs";
import { startKapi, startSandbox } from "./programs.mjs";

const folder = process.argv[2] ?? join(root, ".tools/shots");
const SIZES = { 1400: { width: 1400, height: 900 }, 1000: { width: 1000, height: 800 }, 390: { width: 390, height: 844 } };

/** Each begins with a query, and does the rest by hand. */
const VIEWS = {
  pods: ["pods"],
  shop: ["pods ns:shop"],
  broken: ["pods is:broken sort:-restarts"],
  deployments: ["deployments"],
  services: ["services"],
  replicasets: ["replicasets"],
  nodes: ["nodes"],
  namespaces: ["namespaces"],
  events: ["events"],
  backups: ["backups"],
  backup: ["backups ns:shop", openFirst],
  pod: ["pods ns:shop", openFirst],
  deployment: ["deployments ns:shop", openFirst],
  yaml: ["pods ns:shop", openFirst, ({ page }) => page.keyboard.press("y")],
  typing: ["pods", (mosaic) => mosaic.write("pods ns:shop st")],
  wrong: ["pods", (mosaic) => mosaic.write("pods nod:x"), ({ page }) => page.getByText("is not a field").waitFor()],
  nothing: ["pods no-such-pod"],
  keys: ["pods", ({ page }) => page.keyboard.press("?"), ({ page }) => page.getByRole("dialog").waitFor()],
  plan: ["pods ns:shop", ({ page }) => page.getByTitle("How was this answered?").evaluate((button) => button.click())],
};

/** What most people never see, on a few views. */
const NEEDS = {
  contrast: { contrast: "more", colorScheme: "light" },
  "contrast-dark": { contrast: "more", colorScheme: "dark" },
  forced: { forcedColors: "active", colorScheme: "dark" },
};

const sandbox = await startSandbox();
let kapi = await startKapi({ kubeconfig: sandbox.kubeconfig });
const browser = await launch();
const { slug } = await Api.open(kapi);
const address = (query) => `${kapi.origin}/?${new URLSearchParams({ c: slug, q: query })}`;
mkdirSync(folder, { recursive: true });
for (const [width, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) await shoot(VIEWS, `${width}-${colorScheme}`, { viewport, colorScheme });
}
const { pods, broken, pod, typing, nothing, keys } = VIEWS;
for (const [need, options] of Object.entries(NEEDS)) {
  await shoot({ pods, broken, pod, typing, nothing, keys }, need, { viewport: SIZES[1400], ...options });
}
await shootTrouble();
await browser.close();
await kapi.stop();
console.log(folder);

async function shoot(views, suffix, options) {
  const { context } = await watchedContext(browser, kapi.origin, options);
  const page = await context.newPage();
  const mosaic = new Mosaic(page);
  await page.goto(kapi.url);
  // Until then the token may not have been kept.
  await mosaic.untilBadge(/^\s*live/i);
  const keep = (name) => page.screenshot({ path: join(folder, `${name}-${suffix}.png`) });
  for (const [name, [query, ...acts]] of Object.entries(views)) {
    await page.goto(address(query));
    await mosaic.untilBadge(/^\s*live/i);
    for (const act of acts) await act(mosaic);
    await keep(name);
  }
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await mosaic.signIn.waitFor();
  await keep("sign-in");
  await context.close();
}

/** The API server goes away under a view, and before another; then the proxy comes again with another token. */
async function shootTrouble() {
  const seen = [];
  for (const [width, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      const { context } = await watchedContext(browser, kapi.origin, { viewport, colorScheme });
      const mosaic = new Mosaic(await context.newPage());
      await mosaic.page.goto(kapi.url);
      await mosaic.untilBadge(/^\s*live/i);
      await mosaic.page.goto(address("pods ns:shop"));
      await mosaic.untilBadge(/^\s*live/i);
      seen.push({ mosaic, context, suffix: `${width}-${colorScheme}` });
    }
  }
  const keep = ({ mosaic, suffix }, name) => mosaic.page.screenshot({ path: join(folder, `${name}-${suffix}.png`) });
  await sandbox.stop();
  for (const one of seen) {
    await one.mosaic.untilBadge(/^\s*(stale|offline)/i);
    await keep(one, "stale");
    await one.mosaic.run("services");
    await one.mosaic.page.getByRole("heading", { name: /does not answer/ }).waitFor();
    await keep(one, "unreachable");
    await one.mosaic.page.goBack();
    await one.mosaic.rows.first().waitFor();
  }
  const { port } = kapi;
  await kapi.stop();
  kapi = await startKapi({ kubeconfig: sandbox.kubeconfig, port });
  for (const one of seen) {
    await one.mosaic.signIn.waitFor({ timeout: 60_000 });
    await keep(one, "signed-out");
    await one.context.close();
  }
}

async function openFirst(mosaic) {
  await mosaic.rows.first().click();
  await mosaic.details.getByRole("heading", { name: "Facts" }).waitFor();
}
