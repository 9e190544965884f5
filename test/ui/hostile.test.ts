// Hostile texts wherever a caller, a file or a job's code can put them: nothing of them runs, the policy has nothing to refuse,
// and no page becomes wider than its window. Whatever runs calls `pawlTest.executed`, which fails the test.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import { serverFor, type TestServer } from "../http/support.ts";
import { testBrowser } from "../support/browser.ts";
import { requireDashboard } from "../support/dashboard.ts";
import { openPage, type Pawl, pawlFor, seen, WIDTHS } from "./pawl.ts";

const TIMEOUT_MS = 240_000;

const browser = await testBrowser();

/** What may stand on a line of text. */
const LINES = {
  image: `<img src=x onerror="pawlTest.executed('image')">`,
  script: `</script><script>pawlTest.executed('script')</script>`,
  attribute: `"'><svg onload=pawlTest.executed('attribute')>`,
  address: "javascript:pawlTest.executed('address')",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template engine would run is the hostile part.
  template: "{{constructor.constructor(`pawlTest.executed('template')`)()}}${pawlTest.executed('literal')}<%= 7*7 %>",
  reversed: "\u202Egnp.\u2066evil\u2067\u200F\u061C exe",
  proto: "__proto__",
  emoji: "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u0300\u0300\u0300\u0300 Z\u0351\u0352\u0353a\u0354\u0355lgo",
} as const;
/** What only code and files can say: without a place to break, and with signs that move cursors. */
const LONG = "W".repeat(10_000);
const CONTROLS = "\u0000\u0007\u001B[31mred\u001B[0m\r\n\u0008\u0085\u2028\u2029end";
const ALL = [...Object.values(LINES), CONTROLS, LONG];

const hostile = defineJob({
  type: "hostile",
  title: LINES.image,
  description: `${LINES.script} ${LONG}`,
  input: z.looseObject({ fails: z.boolean().default(false).meta({ title: LINES.script, description: LINES.image }) }),
  retry: { attempts: 1 },
  async run(job) {
    for (const [index, text] of ALL.entries()) {
      const level = (["info", "warn", "error", "debug"] as const)[index % 4] ?? "info";
      job.log[level](text, { [LINES.image]: text, href: LINES.address });
    }
    job.progress.set({ done: 1, total: 3, unit: LINES.image.slice(0, 20), message: `${LINES.image} ${LONG}` });
    const file = await job.artifact(`${LINES.image.replaceAll(/["/]/g, "'")}.html`, { mediaType: "text/html" });
    await file.write(`<script>top.pawlTest.executed('artifact')</script>`);
    await file.finish();
    await job.checkpoint({ [LINES.script]: LINES.image });
    if (job.input.fails) throw new Error(ALL.join(" "));
    if (job.input.stays === true)
      for (;;) {
        await job.checkpoint();
        await job.wait(20);
      }
    return { [LINES.image]: ALL, [LINES.proto]: LINES.address, deep: { [LONG]: [LINES.script] } };
  },
});

const FITS = (text: string) => text.slice(0, 100);

interface World extends TestServer {
  readonly ids: Readonly<Record<"failed" | "succeeded" | "paused", string>>;
}

/** Jobs whose every text is hostile: one for each, and three that have all of them. */
async function worldFor(t: TestContext): Promise<World> {
  requireDashboard();
  const world = await serverFor(t, {}, { jobs: [hostile] });
  const { manager } = world;
  const labels = Object.fromEntries(Object.entries(LINES).map(([name, text]) => [name, FITS(text)]));
  const input = { [LINES.image]: LINES.script, [LINES.address]: ALL };
  const submit = (key: string, more: object = {}) =>
    manager.submit({ type: "hostile", key: FITS(key), queue: FITS(key), labels, input: { ...input, ...more } });
  for (const text of Object.values(LINES)) await manager.waitUntil((await submit(text)).id, "succeeded");
  const failed = await submit(LINES.script, { fails: true });
  await manager.waitUntil(failed.id, "failed");
  const succeeded = await submit(LINES.image);
  await manager.waitUntil(succeeded.id, "succeeded");
  const paused = await submit(LINES.address, { stays: true });
  await manager.waitUntil(paused.id, "running");
  const said = { actor: FITS(LINES.image), reason: `${LINES.script} ${LINES.reversed} ${LONG.slice(0, 800)}` };
  await manager.pause(paused.id, said);
  await manager.waitUntil(paused.id, "paused");
  await manager.queues.pause(FITS(LINES.image), said);
  await manager.schedules.create({
    name: "hostile",
    cron: "0 0 1 1 *",
    type: "hostile",
    input,
    queue: FITS(LINES.script),
  });
  return { ...world, ids: { failed: failed.id, succeeded: succeeded.id, paused: paused.id } };
}

/** Nothing leads to a script, and nothing sticks out. */
async function isCalm(page: Page, what: string): Promise<void> {
  await seen(() => page.evaluate("pawlTest.overhang()"), [], `${what} to be as wide as its window`);
  assert.deepEqual(await page.evaluate("pawlTest.scriptLinks()"), [], `links of ${what}`);
}

const contextOf = (t: TestContext, width: number): Promise<BrowserContext> =>
  browser.contextFor(t, { viewport: { width, height: 900 } });

test("hostile texts of callers and code stay texts on every page of jobs", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const world = await worldFor(t);
  const { failed, succeeded, paused } = world.ids;
  const places: readonly (readonly [path: string, shown: string])[] = [
    ["", LINES.address],
    ["jobs", FITS(LINES.image)],
    [`jobs?q=${encodeURIComponent(FITS(LINES.script))}`, FITS(LINES.script)],
    [
      `jobs?label=${encodeURIComponent(`image:${LINES.image}`)}&type=${encodeURIComponent(LINES.script)}`,
      "No job matches the filter",
    ],
    [`jobs/${failed}`, LINES.image],
    [`jobs/${failed}?tab=error`, "What to do"],
    [`jobs/${succeeded}?tab=input`, LINES.script],
    [`jobs/${succeeded}?tab=output`, LINES.image],
    [`jobs/${succeeded}?tab=raw`, "hostile"],
    [`jobs/${paused}?tab=history`, FITS(LINES.image)],
    [`jobs/${succeeded}?q=${encodeURIComponent(LINES.image)}`, LINES.image],
    [`jobs/${encodeURIComponent(LINES.image)}`, "No such job"],
    ["new", LINES.image],
    ["new?type=hostile", LINES.image],
    [`new?type=${encodeURIComponent(LINES.script)}`, "This server has no job type"],
    [`new?from=${succeeded}`, LINES.image],
    ["queues", FITS(LINES.image)],
    ["schedules", "hostile"],
    ["workers", "Workers"],
    ["audit", "Audit"],
    [`audit?actor=${encodeURIComponent(LINES.image.slice(0, 60))}`, "Audit"],
    [`data?dataset=${encodeURIComponent(LINES.image)}`, "Data"],
    [`${encodeURIComponent(LINES.image)}`, "No such page"],
  ];
  for (const width of Object.values(WIDTHS)) {
    const page = await openPage(t, browser, world, { context: await contextOf(t, width) });
    for (const [path, shown] of places) {
      await page.goto(`${world.url}/ui/${path}`);
      await page.getByRole("main").getByText(shown).first().waitFor({ state: "attached" });
      await isCalm(page, `/ui/${path} at ${width}`);
    }
  }
});

test("hostile texts stay texts in dialogs, in announcements and in what is typed", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const world = await worldFor(t);
  const page = await openPage(t, browser, world, { path: `jobs?q=${encodeURIComponent(FITS(LINES.address))}` });
  const row = page.getByRole("row").filter({ hasText: "paused" });
  await row.getByRole("button", { name: /^Cancel hostile/ }).click();
  await page
    .getByRole("dialog")
    .getByLabel(/^Reason/)
    .fill(`${LINES.image} ${LINES.template}`);
  await isCalm(page, "the dialog");
  await page.getByRole("dialog").getByRole("button", { name: /^Stop/ }).click();
  // What is announced names the key.
  await page.getByText(/^Cancel: hostile javascript:/).waitFor();
  await isCalm(page, "the announcement");
  await page.goto(`${world.url}/ui/jobs/${world.ids.paused}`);
  await page.getByText(LINES.image).first().waitFor();
  await page.goto(`${world.url}/ui/queues`);
  await page.getByRole("button", { name: `Set limits of ${FITS(LINES.image)}` }).click();
  await page.getByRole("dialog").waitFor();
  await isCalm(page, "the dialog of a queue");
  await page.keyboard.press("Escape");
  await page.getByRole("searchbox").fill(LINES.script);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/ui/jobs?**");
  await page.getByRole("row").filter({ hasText: "succeeded" }).first().waitFor();
  await isCalm(page, "the search");
});

test("a file that a job made is downloaded, and never opened as a page of this server", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const world = await worldFor(t);
  const page = await openPage(t, browser, world, { path: `jobs/${world.ids.succeeded}?tab=output` });
  const download = page.waitForEvent("download");
  await page.getByRole("table", { name: "Artifacts" }).getByRole("link").first().click();
  assert.match((await download).suggestedFilename(), /html$/);
  assert.match(page.url(), /\/ui\/jobs\//);
});

test("hostile cells, columns and names of a file stay texts in the preview and in the data", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const pawl = await pawlFor(t);
  for (const width of Object.values(WIDTHS)) await fileAt(t, pawl, width);
});

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
/** A NUL makes it no text at all, for the server and the preview. */
const CELLS = ALL.map((text) => text.replaceAll("\0", ""));

async function fileAt(t: TestContext, pawl: Pawl, width: number): Promise<void> {
  const header = CELLS.map((text, index) => quoted(`${index} ${text.replaceAll(/[\r\n]/g, "").slice(0, 2_000)}`)).join(
    ",",
  );
  const body = Array.from({ length: 30 }, (_, n) =>
    CELLS.map((_, index) => quoted(CELLS[(index + n) % CELLS.length] ?? "")).join(","),
  );
  const buffer = Buffer.from([header, ...body].join("\r\n"));
  const page = await openPage(t, browser, pawl, { path: "new?type=csv-import", context: await contextOf(t, width) });
  const name = `${LINES.image.replaceAll("/", "")}${LINES.reversed}${"W".repeat(100)}.csv`;
  await page.getByLabel(/^CSV file/).setInputFiles({ name, mimeType: "text/csv", buffer });
  const preview = page.getByRole("region", { name: /^Preview of/ });
  await preview.getByText("<img src=x").first().waitFor({ state: "attached" });
  await page
    .getByText(/, uploaded$/)
    .first()
    .waitFor();
  await isCalm(page, `the preview at ${width}`);
  await page.getByLabel(/^Dataset/).fill(`hostile-${width}`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/\/ui\/jobs\/[0-9a-f-]{36}/);
  await page.getByRole("main").locator("header").getByText("succeeded", { exact: true }).waitFor();
  await isCalm(page, `the import at ${width}`);
  await page.goto(`${pawl.url}/ui/data?dataset=hostile-${width}`);
  await page.getByRole("table").last().getByText("<img src=x").first().waitFor();
  await isCalm(page, `the data at ${width}`);
}
