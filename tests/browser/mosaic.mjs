// The page by its roles and names, which are its contract with tests and people alike.

import { until } from "./api.mjs";

export class Mosaic {
  constructor(page) {
    this.page = page;
    this.grid = page.getByRole("grid");
    this.query = page.getByRole("combobox", { name: "Query" });
    this.badge = page.getByRole("status").filter({ hasText: /^\s*(live|catching up|partial|stale|offline)/i });
    this.details = page.getByRole("region", { name: "Details" });
    this.signIn = page.getByRole("dialog", { name: "Sign in" });
    this.kinds = page.getByRole("navigation", { name: "Kinds" });
  }

  /** The rows on the screen, without the head. */
  get rows() {
    return this.grid.getByRole("row").filter({ has: this.page.getByRole("gridcell") });
  }

  row(name) {
    return this.rows.filter({ has: this.page.getByRole("gridcell", { name, exact: true }) });
  }

  head(name) {
    return this.grid.getByRole("columnheader", { name });
  }

  /** Rows of the whole answer, on the screen or not. Without any, a sentence covers the grid. */
  async total() {
    const grid = this.page.getByRole("grid", { includeHidden: true });
    return Number(await grid.getAttribute("aria-rowcount")) - 1;
  }

  /** From now on; the function returned says what the totals were. */
  async recordTotals() {
    const grid = await this.grid.elementHandle();
    const seen = await grid.evaluateHandle((grid) => {
      const seen = [];
      const look = () => seen.push(Number(grid.getAttribute("aria-rowcount")) - 1);
      new MutationObserver(look).observe(grid, { attributes: true, attributeFilter: ["aria-rowcount"] });
      return seen;
    });
    return () => seen.jsonValue();
  }

  untilTotal(rows, seconds) {
    return until(`there are ${rows} rows`, async () => (await this.total()) === rows, seconds);
  }

  async untilBadge(word, seconds) {
    let said;
    const says = async () => word.test((said = (await this.badge.allTextContents()).join()));
    await until(`the badge says ${word}`, says, seconds).catch((error) => {
      throw new Error(`${error.message}; it says ${said}`);
    });
  }

  /** Of one column, from top to bottom. */
  async cells(title) {
    const heads = await this.grid.getByRole("columnheader").allTextContents();
    const at = heads.findIndex((head) => head.startsWith(title));
    if (at < 0) throw new Error(`no column is called ${title}: ${heads}`);
    const rows = await this.rows.all();
    const cells = rows.map(async (row) => {
      const index = Number(await row.getAttribute("aria-rowindex"));
      return [index, (await row.getByRole("gridcell").nth(at).innerText()).trim()];
    });
    return (await Promise.all(cells)).sort(([one], [other]) => one - other).map(([, text]) => text);
  }

  async write(text) {
    await this.query.fill("");
    await this.query.pressSequentially(text);
  }

  async run(text) {
    await this.query.fill(text);
    await this.query.press("Enter");
  }

  /** What the page calls out. */
  alert(text) {
    return this.page.getByRole("alert").getByText(text);
  }

  /** A parameter of the address. */
  parameter(name) {
    return new URL(this.page.url()).searchParams.get(name);
  }
}
