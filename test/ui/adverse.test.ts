// Pages in a bad place: addresses typed by hand, a browser that keeps nothing, a clock that is wrong, a server that was updated
// under the open page, and news that never come.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { testBrowser } from "../support/browser.ts";
import { openPage, PATIENCE_MS, type Pawl, pawlFor, rowOf } from "./pawl.ts";

const TIMEOUT_MS = 240_000;
const HOUR_MS = 3_600_000;

const browser = await testBrowser();

const KEEPS_NOTHING = `for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(globalThis, name, { get() { throw new DOMException("refused", "SecurityError"); } });`;

test("a page in a bad place", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  await pawl.api.submit({ type: "ticker", key: "ticks", input: { intervalMs: 500 } });
  await t.test("leaves out of its address what it does not understand", (t) => brokenAddress(t, pawl));
  await t.test("works where the browser keeps nothing", (t) => nothingKept(t, pawl));
  await t.test("shows ages by the server's clock", (t) => wrongClock(t, pawl));
  await t.test("is loaded anew when the program of another page is gone", (t) => programGone(t, pawl));
  await t.test("reads a job again that has refused, and shows one that is gone as gone", (t) => unheard(t, pawl));
});

async function brokenAddress(t: TestContext, pawl: Pawl): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "jobs?state=%5B1%2C2%5D&q=%22%22&order=oldest&order=newest" });
  await rowOf(page, "ticks").waitFor();
  assert.equal(new URL(page.url()).search, "");
}

async function nothingKept(t: TestContext, pawl: Pawl): Promise<void> {
  const context = await browser.contextFor(t, { colorScheme: "light" });
  await context.addInitScript(KEEPS_NOTHING);
  const page = await openPage(t, browser, pawl, { context });
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  await page.getByRole("button", { name: "Use the light theme" }).waitFor();
}

async function wrongClock(t: TestContext, pawl: Pawl): Promise<void> {
  const context = await browser.contextFor(t);
  await context.addInitScript(`{
    const now = Date.now.bind(Date);
    globalThis.Date = class extends Date {
      constructor(...given) { given.length === 0 ? super(now() + ${HOUR_MS}) : super(...given); }
      static now() { return now() + ${HOUR_MS}; }
    };
  }`);
  const page = await openPage(t, browser, pawl, { path: "jobs", context });
  await rowOf(page, "ticks")
    .getByText(/^\d+ [sm]$/)
    .waitFor();
}

async function programGone(t: TestContext, { url }: Pawl): Promise<void> {
  // The browser tells of it in its console, as it should: this page is not watched.
  const page = await (await browser.contextFor(t)).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(KEEPS_NOTHING);
  await page.goto(`${url}/ui/`);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  let isGone = true;
  await page.route("**/assets/queues-*.js", (route) => (isGone ? route.fulfill({ status: 404 }) : route.continue()));
  page.on("load", () => {
    isGone = false;
  });
  await page.getByRole("link", { name: "Queues" }).click();
  await page.getByRole("row", { name: /default/ }).waitFor();
  assert.equal(isGone, false);
}

async function unheard(t: TestContext, pawl: Pawl): Promise<void> {
  const { api } = pawl;
  const context = await browser.contextFor(t);
  await context.route("**/stream*", (route) => route.abort());
  const submit = (key: string) => api.submit({ type: "simple", key, input: { steps: 1_000_000, stepMs: 20 } });
  const jobs = [await submit("stopped"), await submit("deleted")];
  for (const { id } of jobs) await api.waitUntil(id, "running");
  const page = await openPage(t, browser, pawl, { path: "jobs?type=simple", context });
  for (const key of ["stopped", "deleted"]) await rowOf(page, key).getByText("running", { exact: true }).waitFor();
  for (const { id } of jobs) {
    await api.act(id, "terminate", { rollback: false });
    await api.waitUntil(id, "cancelled");
  }
  await api.call("DELETE", `/api/v1/jobs/${jobs[1]?.id}`);
  await rowOf(page, "stopped").getByRole("button", { name: "Pause simple stopped" }).click();
  await rowOf(page, "stopped").getByText("cancelled", { exact: true }).waitFor();
  await rowOf(page, "deleted").getByRole("button", { name: "Pause simple deleted" }).click();
  await page.getByText(/Pause was refused\. There is no job/).waitFor();
  await rowOf(page, "deleted").getByRole("button").first().waitFor({ state: "detached" });
}
