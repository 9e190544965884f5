// Jobs steered in the list: one by one, many at once, and by keys alone.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { testBrowser } from "../support/browser.ts";
import { live, openPage, type Pawl, pawlFor, rowOf, seen } from "./pawl.ts";

const TIMEOUT_MS = 240_000;

const browser = await testBrowser();

/** Jobs that run until they are told otherwise. */
async function endless(pawl: Pawl, keys: readonly string[]): Promise<readonly string[]> {
  const jobs = await Promise.all(
    keys.map((key) => pawl.api.submit({ type: "simple", key, input: { steps: 1_000_000, stepMs: 20 } })),
  );
  await Promise.all(jobs.map(({ id }) => pawl.api.waitUntil(id, "running")));
  return jobs.map(({ id }) => id);
}

const states = (pawl: Pawl, ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await pawl.api.get(id)).state));

const allAre = (pawl: Pawl, ids: readonly string[], state: string) =>
  seen(
    () => states(pawl, ids),
    ids.map(() => state),
    `all to be ${state}`,
  );

const dialogOf = (page: Page) => page.getByRole("dialog");

test("the list of jobs", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const pawl = await pawlFor(t);
  await t.test("a job is paused, resumed and cancelled in its line, and asked why before harm", (t) => inLine(t, pawl));
  await t.test("selected jobs are steered together, and the count is told before", (t) => selected(t, pawl));
  await t.test("all that match a filter are steered, loaded or not", (t) => allThatMatch(t, pawl));
  await t.test("keys alone find a job, pause it and resume it", (t) => byKeys(t, pawl));
  await t.test("keys move, select, open and ask for help; a dialog gives the focus back", (t) => moving(t, pawl));
  await t.test("the address holds the filter, and going back takes it back", (t) => inAddress(t, pawl));
  await t.test("new jobs are counted and come in when asked for; rows stay where they are", (t) => news(t, pawl));
});

async function inLine(t: TestContext, pawl: Pawl): Promise<void> {
  const [id = ""] = await endless(pawl, ["line-1"]);
  const page = await openPage(t, browser, pawl, { path: "jobs" });
  const row = rowOf(page, "line-1");
  await row.getByRole("button", { name: "Pause simple line-1" }).click();
  await row.getByText("paused", { exact: true }).waitFor();
  assert.equal((await pawl.api.get(id)).state, "paused");
  await row.getByRole("button", { name: "Resume simple line-1" }).click();
  await row.getByText("running", { exact: true }).waitFor();

  await row.getByRole("button", { name: "Cancel simple line-1" }).click();
  const dialog = dialogOf(page);
  await dialog.getByText(/is undone; what other jobs did stays/).waitFor();
  await dialog.getByRole("checkbox", { name: "Undo what it has done so far" }).uncheck();
  await dialog.getByText(/stays\.$/).waitFor();
  await dialog.getByRole("textbox", { name: /^Reason/ }).fill("the wrong steps");
  await dialog.getByRole("button", { name: "Stop", exact: true }).click();
  await row.getByText("cancelled", { exact: true }).waitFor();
  const history = await pawl.api.history(id);
  assert.ok(JSON.stringify(history).includes("the wrong steps"));
}

async function selected(t: TestContext, pawl: Pawl): Promise<void> {
  const ids = await endless(pawl, ["many-1", "many-2", "many-3"]);
  const page = await openPage(t, browser, pawl, { path: "jobs?q=many-" });
  await live(page);
  for (const key of ["many-1", "many-2", "many-3"]) await rowOf(page, key).getByRole("checkbox").check();
  const bar = page.getByRole("region", { name: "Selected jobs" });
  await bar.getByText("3 jobs selected").waitFor();
  // One of them changes meanwhile: the preview knows.
  await pawl.api.act(ids[0] ?? "", "pause");
  await rowOf(page, "many-1").getByText("paused", { exact: true }).waitFor();

  await bar.getByRole("button", { name: "Pause" }).click();
  await dialogOf(page).getByRole("heading", { name: "Pause: 2 jobs" }).waitFor();
  assert.deepEqual(await preview(page), ["3 selected", "2 stop at their next checkpoint", "1 stay as they are"]);
  await dialogOf(page).getByRole("button", { name: "Pause 2 jobs" }).click();
  await dialogOf(page).waitFor({ state: "detached" });
  await allAre(pawl, ids, "paused");
  for (const key of ["many-2", "many-3"]) await rowOf(page, key).getByText("paused", { exact: true }).waitFor();

  await page.getByRole("checkbox", { name: "Select all loaded jobs" }).check();
  await bar.getByRole("button", { name: "Resume" }).click();
  await dialogOf(page).getByRole("button", { name: "Resume 3 jobs" }).click();
  await allAre(pawl, ids, "running");

  await page.getByRole("checkbox", { name: "Select all loaded jobs" }).check();
  await bar.getByRole("button", { name: "Cancel" }).click();
  await dialogOf(page).getByRole("textbox", { name: "Reason" }).fill("not these");
  await dialogOf(page).getByRole("button", { name: "Cancel 3 jobs" }).click();
  await allAre(pawl, ids, "rolled_back");
  for (const id of ids) assert.ok(JSON.stringify(await pawl.api.history(id)).includes("not these"));
}

/** What the preview says, without what follows a comma or colon. */
async function preview(page: Page): Promise<readonly string[]> {
  const figures = await dialogOf(page).locator("dt").allTextContents();
  const outcomes = await dialogOf(page).locator("dd").allTextContents();
  return figures.map((figure, index) => `${figure} ${outcomes[index]?.split(/[,:;]/)[0]}`);
}

async function allThatMatch(t: TestContext, pawl: Pawl): Promise<void> {
  const ids = await endless(
    pawl,
    Array.from({ length: 4 }, (_, n) => `match-${n}`),
  );
  const [other = ""] = await endless(pawl, ["other-1"]);
  const page = await openPage(t, browser, pawl, { path: "jobs?q=match-" });
  await rowOf(page, "match-0").getByRole("checkbox").check();
  const bar = page.getByRole("region", { name: "Selected jobs" });
  await bar.getByRole("button", { name: "Select all that match" }).click();
  await bar.getByText("All jobs that match", { exact: true }).waitFor();
  await bar.getByRole("button", { name: "Pause" }).click();
  await dialogOf(page).getByRole("button", { name: "Pause 4 jobs" }).click();
  await allAre(pawl, ids, "paused");
  assert.equal((await pawl.api.get(other)).state, "running");
  await Promise.all([...ids, other].map((id) => pawl.api.act(id, "cancel", { rollback: false })));
}

async function byKeys(t: TestContext, pawl: Pawl): Promise<void> {
  const [id = ""] = await endless(pawl, ["found-by-key"]);
  const page = await openPage(t, browser, pawl);
  await live(page);
  await page.keyboard.press("/");
  await page.keyboard.type("found-by");
  await page.keyboard.press("Enter");
  await rowOf(page, "found-by-key").waitFor();
  await page.keyboard.press("p");
  await rowOf(page, "found-by-key").getByText("paused", { exact: true }).waitFor();
  assert.equal((await pawl.api.get(id)).state, "paused");
  await page.keyboard.press("r");
  await rowOf(page, "found-by-key").getByText("running", { exact: true }).waitFor();
  await page.keyboard.press("x");
  await dialogOf(page).waitFor();
  // The reason has the focus: a person types it and is done.
  await page.keyboard.type("found and stopped p j");
  await page.keyboard.press("Enter");
  await rowOf(page, "found-by-key").getByText("rolled back", { exact: true }).waitFor();
  assert.ok(JSON.stringify(await pawl.api.history(id)).includes("found and stopped p j"));
}

async function moving(t: TestContext, pawl: Pawl): Promise<void> {
  const ids = await endless(pawl, ["step-1", "step-2", "step-3"]);
  const page = await openPage(t, browser, pawl, { path: "jobs?q=step-&order=oldest" });
  await rowOf(page, "step-3").waitFor();
  for (const key of ["j", "j", "j", "k", " "]) await page.keyboard.press(key);
  await rowOf(page, "step-2").getByRole("checkbox", { checked: true }).waitFor();
  await page.keyboard.press("Escape");
  await rowOf(page, "step-2").getByRole("checkbox", { checked: false }).waitFor();

  const help = page.getByRole("button", { name: "Keyboard help" });
  await help.focus();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).getByText("Pause", { exact: true }).waitFor();
  // Keys of the list are not heard while a dialog is open.
  await page.keyboard.press("p");
  await page.keyboard.press("Escape");
  await dialogOf(page).waitFor({ state: "detached" });
  await seen(() => focused(page), "Keyboard help", "the focus to come back");
  assert.deepEqual(await states(pawl, ids), ["running", "running", "running"]);

  await page.evaluate("document.activeElement.blur()");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/ui/jobs/${ids[1]}`);
  await page.goBack();
  await rowOf(page, "step-2").waitFor();
  await Promise.all(ids.map((id) => pawl.api.act(id, "cancel", { rollback: false })));
}

/** What the element that has the focus is called. */
const focused = (page: Page) => page.evaluate<string | null>("document.activeElement.getAttribute('aria-label')");

async function inAddress(t: TestContext, pawl: Pawl): Promise<void> {
  const [id = ""] = await endless(pawl, ["address-1"]);
  await pawl.api.act(id, "pause");
  await pawl.api.waitUntil(id, "paused");
  const page = await openPage(t, browser, pawl);
  await page.getByRole("link", { name: /^paused/ }).click();
  await page.waitForURL("**/ui/jobs?state=paused");
  await rowOf(page, "address-1").waitFor();
  await page.getByRole("button", { name: /^paused/, pressed: true }).click();
  await page.getByRole("button", { name: /^running/ }).click();
  await page.waitForURL("**/ui/jobs?state=running");
  await rowOf(page, "address-1").waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("button", { name: /^running/, pressed: true }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await pawl.api.act(id, "cancel", { rollback: false });
}

async function news(t: TestContext, pawl: Pawl): Promise<void> {
  const [first = ""] = await endless(pawl, ["news-1"]);
  const page = await openPage(t, browser, pawl, { path: "jobs?q=news-" });
  await live(page);
  await rowOf(page, "news-1").waitFor();
  const ids = await endless(pawl, ["news-2", "news-3"]);
  const button = page.getByRole("button", { name: "2 new jobs" });
  await button.waitFor();
  assert.equal(await rowOf(page, "news-2").count(), 0);
  // What no longer fits stays in its place until then.
  await button.click();
  await rowOf(page, "news-3").waitFor();
  await rowOf(page, "news-2").waitFor();
  await button.waitFor({ state: "detached" });
  await Promise.all([first, ...ids].map((id) => pawl.api.act(id, "cancel", { rollback: false })));
}
