// Several pages of the dashboard in one browser, which has six connections to the server for all of them together.
import { test } from "node:test";
import { testBrowser } from "../support/browser.ts";
import { live, openPage, pawlFor, rowOf } from "./pawl.ts";

const TIMEOUT_MS = 120_000;

const browser = await testBrowser();

const KEYS = ["a", "b", "c", "d", "e", "f", "g"];

test("seven pages that are seen at once are all there, can ask, and hear of changes", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const { url, api } = await pawlFor(t);
  const context = await browser.contextFor(t, { viewport: { width: 1280, height: 900 } });
  const work = async (key: string) => {
    const { id } = await api.submit({ type: "ticker", key, input: { intervalMs: 500 } });
    const page = await openPage(t, browser, { url }, { path: `jobs/${id}`, context });
    const isSaid = (word: string) => page.getByText(word, { exact: true }).first().waitFor();
    await isSaid("running");
    return { id, isSaid, pause: page.getByRole("button", { name: `Pause ticker ${key}` }) };
  };
  const pages = await Promise.all(KEYS.map(work));
  await Promise.all(pages.map(({ pause }) => pause.click()));
  await Promise.all(pages.map(({ isSaid }) => isSaid("paused")));
  // What others do reaches each of them in its turn.
  await Promise.all(pages.map(({ id }) => api.act(id, "resume")));
  await Promise.all(pages.map(({ isSaid }) => isSaid("running")));
});

test("a page that was opened behind another one follows nothing until it is seen", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const { url, api } = await pawlFor(t);
  const submit = (key: string) => api.submit({ type: "ticker", key, input: { intervalMs: 500 } });
  const [stopped, deleted] = [await submit("stopped"), await submit("deleted")];
  const context = await browser.contextFor(t);
  await context.addInitScript(
    "globalThis.isBehind = true; Object.defineProperty(document, 'hidden', { get: () => globalThis.isBehind });",
  );
  const page = await openPage(t, browser, { url }, { path: "jobs?state=running", context });
  for (const key of ["stopped", "deleted"]) await rowOf(page, key).getByText("running", { exact: true }).waitFor();
  await page.getByRole("banner").getByText("Resting").waitFor({ state: "attached" });
  for (const { id } of [stopped, deleted]) {
    await api.act(id, "cancel");
    await api.waitUntil(id, "cancelled");
  }
  await api.call("DELETE", `/api/v1/jobs/${deleted.id}`);
  await api.waitUntil((await submit("new")).id, "running");
  await page.evaluate("isBehind = false; document.dispatchEvent(new Event('visibilitychange'))");
  await live(page);
  // What happened meanwhile is seen then.
  await rowOf(page, "stopped").getByText("cancelled", { exact: true }).waitFor();
  await rowOf(page, "deleted").getByRole("button").first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: /1 new/ }).waitFor();
});
