// The walk that the dashboard was built for: a file whose columns are swapped is dropped, looked at, started all the same,
// watched, paused, resumed, stopped and undone, and nothing of it stays but what was said about it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { testBrowser } from "../support/browser.ts";
import { openPage, type Pawl, pawlFor, seen } from "./pawl.ts";

const TIMEOUT_MS = 240_000;
const ROWS = 60_000;
/** So slow that it is still under way however slow the machine is. */
const ROWS_A_SECOND = 500;

/** In the timeline, when all is over. */
const TOLD = [
  /^submitted by /,
  /^paused by .* for /,
  /^resumed by /,
  /^ran for .*, from [1-9][\d,]* rows on$/,
  /^rolled back for /,
];

const browser = await testBrowser();

/** Telephone numbers and birthdays stand in each other's columns. */
function swappedCsv(): Buffer {
  const two = (n: number) => String(n).padStart(2, "0");
  const lines = Array.from({ length: ROWS }, (_, n) => {
    const birthday = `19${two(50 + (n % 49))}-${two(1 + (n % 12))}-${two(1 + (n % 28))}`;
    return `Person ${n},person${n}@example.com,${birthday},+44 20 7946 ${String(n % 10_000).padStart(4, "0")}\n`;
  });
  return Buffer.from(`name,email,phone,birthday\n${lines.join("")}`);
}

const rowsOf = async ({ api }: Pawl, dataset: string): Promise<number> => {
  const { body } = await api.call<{ items: readonly { name: string; rows: number }[] }>("GET", "/api/v1/datasets");
  return body.items.find(({ name }) => name === dataset)?.rows ?? 0;
};

const done = async (page: Page): Promise<number> => {
  const text = await page.getByRole("main").getByRole("progressbar").first().getAttribute("aria-valuetext");
  return Number(/^[\d,]+/.exec(text ?? "")?.[0].replaceAll(",", "") ?? 0);
};

/** Waits until the progress that is shown has gone beyond `before`. */
async function moves(page: Page, before: number): Promise<number> {
  await seen(async () => (await done(page)) > before, true, `more than ${before} rows`);
  return await done(page);
}

const pill = (page: Page, word: string) => page.getByRole("main").locator("header").getByText(word, { exact: true });

test("a CSV file with swapped columns is seen through, started, watched, paused, resumed, stopped and undone", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const pawl = await pawlFor(t);
  const page = await openPage(t, browser, pawl);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "New job" }).click();
  await page.getByRole("link", { name: /csv-import/ }).click();
  await seeThrough(page);
  const id = await start(page);
  await pill(page, "running").waitFor();
  await moves(page, await moves(page, 0));
  await pauseAndResume(page, pawl, id);
  await stopAndUndo(page);
  await seeInTimeline(page);
  assert.equal((await pawl.api.get(id)).state, "rolled_back");
  assert.equal(await rowsOf(pawl, "contacts"), 0);

  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("table").getByText("phone and birthday were swapped").first().waitFor();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Data" }).click();
  await page.getByRole("heading", { name: "Data", exact: true }).waitFor();
  await seen(
    async () =>
      (await page.getByText("No datasets yet.").count()) +
      (await page.getByRole("row", { name: /^contacts 0 / }).count()),
    1,
    "the dataset to be empty or gone",
  );
});

/** Drops the file, and reads what the preview says of it. */
async function seeThrough(page: Page): Promise<void> {
  const swapped = { name: "contacts.csv", mimeType: "text/csv", buffer: swappedCsv() };
  await page.getByLabel(/^CSV file/).setInputFiles(swapped);
  const preview = page.getByRole("region", { name: "Preview of contacts.csv" });
  await preview.getByText("“phone” and “birthday” look swapped: each holds what the other should.").waitFor();
  await preview
    .getByRole("columnheader", { name: /^phone/ })
    .getByText("These look like dates, not phone numbers.")
    .waitFor();
  await preview
    .getByRole("columnheader", { name: /^birthday/ })
    .getByText(/phone numbers/)
    .waitFor();
  assert.equal(
    await preview
      .getByRole("columnheader", { name: /^email/ })
      .getByText(/look/)
      .count(),
    0,
  );
  assert.equal(await preview.getByRole("row").count(), 21);
  await page.getByText(/3 marks in the preview/).waitFor();
  await page
    .getByText(/, uploaded$/)
    .first()
    .waitFor();
}

/** Starts it all the same, and answers the job's id. */
async function start(page: Page): Promise<string> {
  await page.getByLabel(/^Dataset/).fill("contacts");
  await page.getByLabel(/^Rows a second/).fill(String(ROWS_A_SECOND));
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/\/ui\/jobs\/[0-9a-f-]{36}/);
  return /jobs\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";
}

async function pauseAndResume(page: Page, pawl: Pawl, id: string): Promise<void> {
  await page.getByRole("button", { name: /^Pause csv-import/ }).click();
  await pill(page, "paused").waitFor();
  assert.equal((await pawl.api.get(id)).state, "paused");
  const still = (await pawl.api.get(id)).progress.done;
  await seen(() => done(page), still, "the place at which it rests");
  assert.equal(await rowsOf(pawl, "contacts"), still);

  await page.getByRole("button", { name: /^Resume csv-import/ }).click();
  await pill(page, "running").waitFor();
  await moves(page, still);
}

async function stopAndUndo(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Cancel csv-import/ }).click();
  const panel = page.getByRole("form", { name: /^Stop and undo/ });
  await panel.getByText(/What it has done \([\d,]+ rows\) is undone; what other jobs did stays\./).waitFor();
  await panel.getByLabel(/^Reason/).fill("phone and birthday were swapped");
  await panel.getByRole("button", { name: "Stop and undo" }).click();
  await pill(page, "rolled back").waitFor();
}

async function seeInTimeline(page: Page): Promise<void> {
  const timeline = page.getByRole("region", { name: "Timeline" });
  await timeline
    .getByRole("listitem")
    .getByText(/^rolled back for /)
    .waitFor();
  const earlier = timeline.getByRole("button", { name: /^Show .* earlier/ });
  if ((await earlier.count()) > 0) await earlier.click();
  for (const told of TOLD) {
    await timeline.getByRole("listitem").getByText(told).first().waitFor();
  }
  await timeline.getByRole("listitem").getByText("phone and birthday were swapped").first().waitFor();
}
