// The server dies while pages are open, and comes back: they say so, catch up, and show what is true, once.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { JobSummary } from "../../src/domain/job.ts";
import { testBrowser } from "../support/browser.ts";
import { live, openPage, type Pawl, pawlFor, rowOf, seen } from "./pawl.ts";

const TIMEOUT_MS = 240_000;
const KEYS = ["runs-1", "runs-2", "rests", "will-rest"];

const browser = await testBrowser();

const banner = (page: Page) => page.getByRole("alert").getByText("Reconnecting.");
const states = async ({ api }: Pawl, type: string): Promise<Readonly<Record<string, string>>> => {
  const { body } = await api.call<{ items: readonly JobSummary[] }>("GET", `/api/v1/jobs?type=${type}`);
  return Object.fromEntries(body.items.map(({ id, key, state }) => [key ?? id, state]));
};
const shownStates = async (page: Page) =>
  Object.fromEntries(
    await Promise.all(
      KEYS.map(async (key) => [key, (await rowOf(page, key).getByRole("cell").nth(1).textContent()) ?? ""]),
    ),
  );

test("a server that is killed and started again", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  const jobs = await startJobs(pawl);
  const open = (path: string) => openPage(t, browser, pawl, { path });
  const list = await open("jobs?type=simple");
  const overview = await open("");
  const queues = await open("queues");
  const schedules = await open("schedules");
  const job = await open(`jobs/${jobs.ticks}`);
  const form = await open("new?type=reverse-text");
  const pages = [list, overview, queues, schedules, job, form];
  for (const page of pages) await live(page);
  await rowOf(list, "runs-1").getByText("running", { exact: true }).waitFor();
  await seen(async () => (await linesShown(job)) > 3, true, "a log");
  await queues.getByRole("button", { name: "Set limits of default" }).click();
  await queues.getByLabel("Jobs at once").fill("50");
  await form.getByLabel(/^Text/).fill("emordnilap");
  await form.getByLabel(/^Delay/).fill("0");

  await pawl.kill();
  for (const page of pages) await banner(page).waitFor();
  // What was read stays to be read.
  assert.deepEqual(await shownStates(list), {
    "runs-1": "running",
    "runs-2": "running",
    rests: "paused",
    "will-rest": "running",
  });
  await meanwhile({ list, queues, schedules, form });

  await pawl.restart();
  for (const page of pages) {
    await live(page);
    await banner(page).waitFor({ state: "detached" });
  }
  // The requests of that time are carried out, once.
  await rowOf(list, "will-rest").getByText("paused", { exact: true }).waitFor();
  const expected = { "runs-1": "running", "runs-2": "running", rests: "paused", "will-rest": "paused" };
  await seen(() => states(pawl, "simple"), expected, "what was running to run again");
  await seen(() => shownStates(list), expected, "the list to show the same");
  assert.equal(await list.getByRole("checkbox", { name: /^Select simple/ }).count(), KEYS.length);
  const pauses = (await pawl.api.history(jobs["will-rest"] ?? "")).filter(({ kind }) => kind === "pause");
  assert.equal(pauses.length, 1);
  await form.waitForURL(/\/ui\/jobs\/[0-9a-f-]{36}/);
  await form.getByRole("main").locator("header").getByText("succeeded", { exact: true }).waitFor();
  assert.equal(Object.keys(await states(pawl, "reverse-text")).length, 1);

  await overview.getByRole("link", { name: /^running 3/ }).waitFor();
  await overview.getByRole("link", { name: /^paused 2/ }).waitFor();
  await queues.getByRole("dialog").waitFor({ state: "detached" });
  await queues.getByRole("cell", { name: "50", exact: true }).waitFor();
  // And the one that was not is asked for again.
  await schedules.getByRole("button", { name: "Pause yearly" }).click();
  await schedules.getByRole("button", { name: "Resume yearly" }).waitFor();

  await areLiveAgain({ list, overview, job }, pawl, jobs);
});

/** Jobs that do not end by themselves, by key. */
async function startJobs({ api }: Pawl): Promise<Readonly<Record<string, string>>> {
  const jobs: Record<string, string> = {};
  const start = async (key: string, type: string, input: object) => {
    const { id } = await api.submit({ type, key, input });
    jobs[key] = id;
    await api.waitUntil(id, "running");
  };
  for (const key of KEYS) await start(key, "simple", { steps: 1_000_000, stepMs: 20 });
  await start("ticks", "ticker", { intervalMs: 200 });
  await api.act(jobs.rests ?? "", "pause");
  await api.waitUntil(jobs.rests ?? "", "paused");
  await api.call("POST", "/api/v1/schedules", {
    name: "yearly",
    cron: "0 0 1 1 *",
    type: "ticker",
    input: { times: 1 },
  });
  return jobs;
}

/** How many lines of its log a job's page has. */
const linesShown = async (page: Page): Promise<number> => {
  const [first] = await page.getByRole("region", { name: "Log lines" }).getByRole("listitem").all();
  return first ? Number(await first.getAttribute("aria-setsize")) : 0;
};

/** What a person asks for while nobody answers. */
async function meanwhile({
  list,
  queues,
  schedules,
  form,
}: Readonly<Record<"list" | "queues" | "schedules" | "form", Page>>) {
  // These can be sent again, so that they wait for the server.
  await rowOf(list, "will-rest").getByRole("button", { name: "Pause simple will-rest" }).click();
  await queues.getByRole("button", { name: "Set the limits" }).click();
  await form.getByRole("button", { name: "Start", exact: true }).click();
  // This one cannot: it is told.
  await schedules.getByRole("button", { name: "Pause yearly" }).click();
  await schedules.getByText(/Whether the request was carried out is not known: look before asking again/).waitFor();
}

/** What changes now is seen on each, with nothing twice. */
async function areLiveAgain(
  { list, overview, job }: Readonly<Record<"list" | "overview" | "job", Page>>,
  pawl: Pawl,
  jobs: Readonly<Record<string, string>>,
): Promise<void> {
  await pawl.api.act(jobs["runs-2"] ?? "", "pause");
  await rowOf(list, "runs-2").getByText("paused", { exact: true }).waitFor();
  await overview.getByRole("link", { name: /^paused 3/ }).waitFor();
  await pawl.api.act(jobs.ticks ?? "", "pause");
  await job.getByRole("main").locator("header").getByText("paused", { exact: true }).waitFor();
  const { body } = await pawl.api.call<{ items: readonly object[] }>(
    "GET",
    `/api/v1/jobs/${jobs.ticks}/logs?limit=1000`,
  );
  await seen(() => linesShown(job), body.items.length, "each line of the log, once");
}

test("a page that is opened while nobody answers says so, and is there when asked again", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const pawl = await pawlFor(t);
  const page = await openPage(t, browser, pawl, { path: "jobs" });
  await live(page);
  await pawl.kill();
  await banner(page).waitFor();
  // Another page of the dashboard, whose program came before.
  await page.getByRole("link", { name: "Queues" }).click();
  await pawl.restart();
  await page.getByText("No queues yet.").waitFor();
  await banner(page).waitFor({ state: "detached" });
});
