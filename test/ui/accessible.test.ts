// axe finds nothing on any page: empty and full, with dialogs open, in both themes, on a desk and on a phone.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import type { IssuedToken } from "../../src/domain/access.ts";
import { testBrowser } from "../support/browser.ts";
import { openPage, type Pawl, pawlFor, WIDTHS } from "./pawl.ts";

const TIMEOUT_MS = 300_000;
const THEMES = ["light", "dark"] as const;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** All that a theme can change. */
const RULES_OF_COLOURS = ["color-contrast", "link-in-text-block"];

const browser = await testBrowser();

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What axe has against the page as it stands, by these rules or tags of rules. */
async function complaints(page: Page, rules: readonly string[]): Promise<readonly string[]> {
  // It is large: sent once to each page.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate<Found>(
    `axe.run(document, { runOnly: ${JSON.stringify(rules)}, resultTypes: ["violations"] })`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 300)} ${failureSummary}`),
  );
}

/** Looks at the page in each theme and width: by all rules in two of them, and by those of colours in the other two. */
async function look(page: Page, what: string): Promise<void> {
  for (const [name, width] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: "attached" });
      const isWhole = (width === WIDTHS.desk) === (colorScheme === "light");
      assert.deepEqual(
        await complaints(page, isWhole ? RULES : RULES_OF_COLOURS),
        [],
        `${what}, ${colorScheme}, on a ${name}`,
      );
      assert.deepEqual(await page.evaluate("pawlTest.overhang()"), [], `${what}, as wide as a ${name}`);
    }
  }
  await page.setViewportSize({ width: WIDTHS.desk, height: 900 });
}

interface Place {
  readonly path: string;
  /** Seen when the page is there. */
  readonly shown: string | RegExp;
}

const EMPTY: readonly Place[] = [
  { path: "", shown: "No jobs yet." },
  { path: "jobs", shown: "No jobs yet." },
  { path: "jobs?q=nothing", shown: /^No job whose id or key begins with/ },
  { path: "new", shown: "What kind of job?" },
  { path: "queues", shown: "No queues yet." },
  { path: "schedules", shown: "No schedules yet." },
  { path: "workers", shown: "Host and process" },
  { path: "data", shown: "No datasets yet." },
  { path: "audit", shown: "No entry matches." },
  { path: "nowhere", shown: "Nothing is at this address." },
  { path: "jobs/01a1fe8d-471f-7511-b37b-bd13c591d6cf", shown: "See all jobs" },
];

async function lookAt(page: Page, pawl: Pawl, { path, shown }: Place, state: string): Promise<void> {
  await page.goto(`${pawl.url}/ui/${path}`);
  await page.getByRole("main").getByText(shown).first().waitFor({ state: "attached" });
  await look(page, `/ui/${path}, ${state}`);
}

test("axe finds nothing on empty pages", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  const page = await openPage(t, browser, pawl);
  for (const place of EMPTY) await lookAt(page, pawl, place, "empty");
});

/** A job in each state, a dataset, a schedule, a paused queue. */
async function fill({ api, url }: Pawl): Promise<Readonly<Record<string, string>>> {
  const ids: Record<string, string> = {};
  const submit = async (key: string, type: string, input: object, more: object = {}) => {
    const { body } = await api.call<{ id: string }>("POST", "/api/v1/jobs", { type, key, input, ...more });
    ids[key] = body.id;
    return body.id;
  };
  const simple = (key: string, more?: object) => submit(key, "simple", { steps: 1_000_000, stepMs: 50 }, more);
  const upload = async (key: string, input: object, text: string) => {
    const form = new FormData();
    form.set("job", JSON.stringify({ type: "csv-import", key, input }));
    form.set("file", new Blob([text], { type: "text/csv" }), "people.csv");
    const response = await fetch(`${url}/api/v1/jobs`, { method: "POST", body: form });
    ids[key] = ((await response.json()) as { id: string }).id;
    await api.waitUntil(ids[key], "final");
  };
  for (const key of ["running", "paused", "cancelled", "rolled back"])
    await api.waitUntil(await simple(key), "running");
  await api.act(ids.paused ?? "", "pause", { reason: "until the file is mended" });
  await api.waitUntil(ids.paused ?? "", "paused");
  await api.act(ids.cancelled ?? "", "cancel", { rollback: false, reason: "not needed" });
  await api.act(ids["rolled back"] ?? "", "cancel", { rollback: true });
  await simple("scheduled", { availableAt: "2099-01-01T00:00:00.000Z", labels: { customer: "acme" } });
  await upload(
    "imported",
    { dataset: "people", columns: { joined: "date" } },
    "id,name,joined\n1,Ada,2024-01-01\n2,Alan,2024-02-01\n",
  );
  await upload("refused", { dataset: "people" }, "id,nobody\n1,Ada\n");
  await submit("teams", "ticker", { times: 3, intervalMs: 1 });
  await api.call("POST", "/api/v1/queues/reports/pause", { reason: "the disk is full" });
  await submit("held", "ticker", { times: 3 }, { queue: "reports" });
  await api.call("POST", "/api/v1/schedules", {
    name: "hourly",
    cron: "0 * * * *",
    type: "ticker",
    input: { times: 3 },
  });
  for (const key of ["cancelled", "rolled back", "teams"]) await api.waitUntil(ids[key] ?? "", "final");
  return ids;
}

test("axe finds nothing on full pages", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  const ids = await fill(pawl);
  const page = await openPage(t, browser, pawl);
  const job = (key: string, tab = "") => `jobs/${ids[key]}${tab}`;
  const places: readonly Place[] = [
    { path: "", shown: "running" },
    { path: "jobs", shown: "imported" },
    { path: job("running"), shown: "Timeline" },
    { path: job("paused", "?tab=history"), shown: "until the file is mended" },
    { path: job("refused", "?tab=error"), shown: "What to do" },
    { path: job("imported", "?tab=input"), shown: "dataset" },
    { path: job("imported", "?tab=output"), shown: "rows" },
    { path: job("teams", "?tab=raw"), shown: "ticker" },
    { path: job("held"), shown: "Its queue" },
    { path: "queues", shown: "the disk is full" },
    { path: "schedules", shown: "hourly" },
    { path: "workers", shown: "Host and process" },
    { path: "data?dataset=people", shown: "Alan" },
    { path: "audit", shown: "createSchedule" },
    { path: "new?type=csv-import", shown: "What will be started" },
    { path: "new?type=data-export", shown: "What will be started" },
    { path: `new?from=${ids.running}`, shown: "What will be started" },
  ];
  for (const place of places) await lookAt(page, pawl, place, "full");
});

test("axe finds nothing in dialogs, panels and previews", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  const ids = await fill(pawl);
  await inDialogs(t, pawl, ids);
});

async function inDialogs(t: TestContext, pawl: Pawl, ids: Readonly<Record<string, string>>): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "jobs" });
  const button = (name: string | RegExp) => page.getByRole("button", { name });
  const dialog = page.getByRole("dialog");
  const open = async (path: string, press: () => Promise<void>, what: string) => {
    await page.goto(`${pawl.url}/ui/${path}`);
    await press();
    await look(page, what);
  };
  await open("", () => button("Keyboard help").click(), "the help");
  await open("jobs", () => button("Cancel simple running").click(), "why a job is cancelled");
  await open(
    "jobs",
    async () => {
      await page.getByRole("checkbox", { name: "Select simple running" }).check();
      await page.getByRole("region", { name: "Selected jobs" }).waitFor();
    },
    "selected jobs",
  );
  await button(/^Cancel$/).click();
  await dialog.getByRole("button", { name: "Cancel 1 job" }).waitFor();
  await look(page, "the preview of what happens to many");
  await open(`jobs/${ids.running}`, () => button("Cancel simple running").click(), "the panel of a job");
  await open(`jobs/${ids.refused}`, () => button("Delete").click(), "the panel that deletes");
  await open("queues", () => button("Pause default").click(), "the dialog that pauses a queue");
  await open("queues", () => button("Set limits of default").click(), "the dialog of limits");
  await open("schedules", () => button("New schedule").click(), "the dialog of a new schedule");
  await open("schedules", () => button("Delete hourly").click(), "the dialog that deletes a schedule");
  await open(
    "new?type=csv-import",
    async () => {
      const text = "name,phone,joined\nAda,2024-01-01,+44 20 7946 0001\nAlan,2024-01-02,+44 20 7946 0002\n";
      await page
        .getByLabel(/^CSV file/)
        .setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
      await page
        .getByRole("region", { name: "Preview of people.csv" })
        .getByText(/look swapped/)
        .waitFor();
      await button("Start").click();
      await page.getByText(/to correct/).waitFor();
    },
    "a form with mistakes and marks",
  );
}

test("axe finds nothing where one signs in, and where tokens are", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const pawl = await pawlFor(t);
  const made = await pawl.api.call<IssuedToken>("POST", "/api/v1/tokens", { name: "ada", scope: "admin" });
  const page = await openPage(t, browser, pawl, { path: "audit" });
  await page.getByRole("heading", { name: "Sign in to Pawl" }).waitFor();
  await look(page, "the form that signs in");
  await page.getByLabel("Token").fill("pawl_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await look(page, "a token that is wrong");
  await page.getByLabel("Token").fill(made.body.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("table", { name: /Tokens/ }).waitFor();
  await look(page, "the tokens");
  await page.getByRole("button", { name: "New token" }).click();
  await look(page, "the dialog of a new token");
});

test("axe finds nothing while the server is away", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  await fill(pawl);
  const page = await openPage(t, browser, pawl, { path: "jobs" });
  await page.getByRole("row").filter({ hasText: "imported" }).waitFor();
  await pawl.kill();
  await page.getByText("Reconnecting.").waitFor();
  await look(page, "the list while nobody answers");
  await pawl.restart();
});
