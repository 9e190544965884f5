// Jobs started by the form: each shipped type, with mistakes told at the field that they are in, and run again with changes.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { testBrowser } from "../support/browser.ts";
import { openPage, type Pawl, pawlFor, seen } from "./pawl.ts";

const TIMEOUT_MS = 240_000;

const browser = await testBrowser();

interface Form {
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly file?: { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };
  readonly input: object;
}

const csv = (name: string, text: string) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

const FORMS: readonly Form[] = [
  {
    type: "ticker",
    fields: { Times: "2", Interval: "1", Text: "tock" },
    input: { times: 2, intervalMs: 1, text: "tock" },
  },
  { type: "simple", fields: { Steps: "3", Wait: "0" }, input: { steps: 3, stepMs: 0 } },
  { type: "reverse-text", fields: { Text: "pawl", Delay: "0" }, input: { text: "pawl", delayMs: 0 } },
  { type: "file-task", fields: { Name: "sample", "Time a step": "0" }, input: { name: "sample", stepMs: 0 } },
  {
    type: "day-export",
    fields: { From: "2024-02-28", To: "2024-03-01", "Time a day": "0" },
    input: { from: "2024-02-28", to: "2024-03-01", dayMs: 0 },
  },
  { type: "bulk-teams", fields: {}, file: csv("teams.csv", "name,city\nOwls,Bern\nFoxes,Graz\n"), input: {} },
  {
    type: "csv-import",
    fields: { Dataset: "people" },
    file: csv("people.csv", "id,name\n1,Ada\n2,Alan\n"),
    input: { dataset: "people" },
  },
  { type: "data-export", fields: { Dataset: "people" }, input: { dataset: "people" } },
];

/** A field by its label, whatever stands behind that in brackets. */
const field = (page: Page, label: string) => page.getByLabel(new RegExp(`^${label}(?: \\(required\\))?$`));
const start = (page: Page) => page.getByRole("button", { name: "Start", exact: true });

/** Waits for the page of the job that was started, and answers its id. */
async function started(page: Page): Promise<string> {
  await page.waitForURL(/\/ui\/jobs\/[0-9a-f-]{36}/);
  return /jobs\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";
}

async function mistakeAt(page: Page, label: string): Promise<string> {
  const control = field(page, label);
  await seen(() => control.getAttribute("aria-invalid"), "true", `a mistake at ${label}`);
  const ids = (await control.getAttribute("aria-describedby")) ?? "";
  return (await page.locator(`[id="${ids.split(" ").at(-1)}"]`).textContent()) ?? "";
}

test("the form of a new job", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  await t.test("starts a job of each type that ships", (t) => each(t, pawl));
  await t.test("tells at its field what is missing, and what only the server can know", (t) => mistakes(t, pawl));
  await t.test("says who holds a key that is taken, and starts it with another", (t) => takenKey(t, pawl));
  await t.test("takes a file that is dropped on it", (t) => dropped(t, pawl));
  await t.test("is filled in to run a job again with changes", (t) => again(t, pawl));
  await t.test("is filled in and sent by keys alone", (t) => byKeys(t, pawl));
});

async function each(t: TestContext, pawl: Pawl): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "new" });
  for (const { type, fields, file, input } of FORMS) {
    await page.goto(`${pawl.url}/ui/new`);
    await page
      .getByRole("link", { name: new RegExp(`\\b${type}\\b`) })
      .first()
      .click();
    await page.waitForURL(`**/ui/new?type=${type}`);
    if (file) await field(page, "CSV file").setInputFiles(file);
    for (const [label, text] of Object.entries(fields)) await field(page, label).fill(text);
    await start(page).click();
    const id = await started(page);
    const job = await pawl.api.waitUntil(id, "final");
    assert.deepEqual([job.type, job.state], [type, "succeeded"]);
    for (const [name, value] of Object.entries(input))
      assert.deepEqual([name, (job.input as never)[name]], [name, value]);
    await page.getByRole("main").locator("header").getByText("succeeded", { exact: true }).waitFor();
  }
}

async function mistakes(t: TestContext, pawl: Pawl): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "new?type=day-export" });
  await start(page).click();
  assert.match(await mistakeAt(page, "From"), /\S/);
  await seen(
    () => page.evaluate("document.activeElement.getAttribute('aria-invalid')"),
    "true",
    "the first mistake to have the focus",
  );
  await field(page, "From").fill("2024-03-02");
  await field(page, "To").fill("2024-03-01");
  await field(page, "Time a day").fill("0");
  await start(page).click();
  // The schema cannot say it: the server does.
  assert.equal(await mistakeAt(page, "To"), "Must not be before from.");
  assert.equal(await field(page, "From").getAttribute("aria-invalid"), null);
  await page.getByText("The job was not started: 1 field to correct.").waitFor();
  await field(page, "To").fill("2024-03-03");
  await start(page).click();
  const job = await pawl.api.waitUntil(await started(page), "final");
  assert.equal(job.state, "succeeded");
}

async function takenKey(t: TestContext, pawl: Pawl): Promise<void> {
  const { id } = await pawl.api.submit({ type: "ticker", key: "taken", input: {} });
  const page = await openPage(t, browser, pawl, { path: "new?type=simple" });
  await field(page, "Wait").fill("0");
  await page.locator("summary", { hasText: "Options" }).click();
  await field(page, "Key").fill("taken");
  await start(page).click();
  assert.match(await mistakeAt(page, "Key"), /taken/);
  await field(page, "Key").fill("free");
  await start(page).click();
  const job = await pawl.api.waitUntil(await started(page), "final");
  assert.deepEqual([job.key, job.state], ["free", "succeeded"]);
  await pawl.api.act(id, "cancel");
}

async function dropped(t: TestContext, pawl: Pawl): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "new?type=csv-import" });
  await field(page, "Dataset").fill("dropped");
  const file = `new File(["id,name\\n1,Ada\\n"], "dropped.csv", { type: "text/csv" })`;
  const dataTransfer = await page.evaluateHandle(
    `(() => { const all = new DataTransfer(); all.items.add(${file}); return all; })()`,
  );
  await page.getByText("Drop a file here").dispatchEvent("drop", { dataTransfer });
  await page.getByRole("region", { name: "Preview of dropped.csv" }).getByRole("cell", { name: "Ada" }).waitFor();
  await start(page).click();
  const job = await pawl.api.waitUntil(await started(page), "final");
  assert.equal(job.state, "succeeded");
  assert.deepEqual(job.output, { rows: 1, rejected: 0 });
}

async function again(t: TestContext, pawl: Pawl): Promise<void> {
  const { id } = await pawl.api.submit({ type: "simple", key: "first-run", input: { steps: 2, stepMs: 0 } });
  await pawl.api.waitUntil(id, "succeeded");
  const page = await openPage(t, browser, pawl, { path: `jobs/${id}` });
  await page.getByRole("link", { name: "Run again with changes" }).click();
  await page.waitForURL(`**/ui/new?from=${id}`);
  assert.deepEqual([await field(page, "Steps").inputValue(), await field(page, "Wait").inputValue()], ["2", "0"]);
  await field(page, "Steps").fill("4");
  await start(page).click();
  await seen(async () => page.url().includes(id), false, "another job");
  const job = await pawl.api.waitUntil(await started(page), "succeeded");
  assert.deepEqual(job.input, { steps: 4, stepMs: 0 });
  assert.notEqual(job.id, id);
}

async function byKeys(t: TestContext, pawl: Pawl): Promise<void> {
  const page = await openPage(t, browser, pawl);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.keyboard.press("n");
  await page.getByRole("heading", { name: "What kind of job?" }).waitFor();
  await page.getByRole("link", { name: /reverse-text/ }).focus();
  await page.keyboard.press("Enter");
  const text = field(page, "Text");
  await text.waitFor();
  await text.focus();
  await page.keyboard.type("keys");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0");
  await page.keyboard.press("Enter");
  const job = await pawl.api.waitUntil(await started(page), "succeeded");
  assert.deepEqual(job.output, { text: "syek" });
}
