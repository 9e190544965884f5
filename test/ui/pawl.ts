// What the tests of the dashboard stand on: a real server with the shipped job types, and pages of it in a real browser. A
// page whose script failed, or that tried something which its policy forbids, fails the test that opened it.
import assert from "node:assert/strict";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { BrowserContext, Locator, Page } from "playwright-core";
import type { TestBrowser } from "../support/browser.ts";
import { requireDashboard } from "../support/dashboard.ts";
import { createHttpClient, type HttpClient } from "../support/http-client.ts";
import { type ServerProcess, startServer, startServerAt } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";

const IN_PAGE = fileURLToPath(new URL("./in-page.js", import.meta.url));

/** Ends what hangs, and nothing else. */
export const PATIENCE_MS = 60_000;

export interface Pawl {
  readonly url: string;
  readonly api: HttpClient;
  readonly dataDir: string;
  /** The process of now. */
  server(): ServerProcess;
  /** Kills it without grace. */
  kill(): Promise<void>;
  /** Starts it again, at the same address. */
  restart(): Promise<void>;
}

interface PawlOptions {
  readonly args?: readonly string[];
  /** Default: a new one. */
  readonly dataDir?: string;
}

/** Starts a server that ends with the test. */
export async function pawlFor(t: TestContext, { args = [], ...options }: PawlOptions = {}): Promise<Pawl> {
  requireDashboard();
  const dataDir = options.dataDir ?? path.join(await tempFolder(t), "data");
  let server = await startServer({ dataDir, args });
  t.after(() => server.stop());
  const { url } = server;
  const { port } = new URL(url);
  return {
    url,
    api: createHttpClient(url),
    dataDir,
    server: () => server,
    async kill() {
      await server.kill("SIGKILL");
    },
    async restart() {
      server = await startServerAt(port, { dataDir, args });
    },
  };
}

export const WIDTHS = { desk: 1280, phone: 390 } as const;

export interface PageOptions {
  /** Within the dashboard. Default: the overview. */
  readonly path?: string;
  readonly width?: number;
  readonly theme?: "light" | "dark";
  /** Whose page it is: pages of a context share cookies. Default: a context of its own. */
  readonly context?: BrowserContext;
}

/** Opens a page of the dashboard. What it must not do is looked for when the test ends. */
export async function openPage(
  t: TestContext,
  browser: TestBrowser,
  { url }: Pick<Pawl, "url">,
  { path: place = "", width = WIDTHS.desk, theme = "light", context }: PageOptions = {},
): Promise<Page> {
  const own = context ?? (await browser.contextFor(t, { viewport: { width, height: 900 }, colorScheme: theme }));
  const page = await own.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const problems = watch(page);
  await page.addInitScript({ path: IN_PAGE });
  // By then the page is closed, and all that it had to say was heard.
  t.after(() => assert.deepEqual(problems, []));
  await page.goto(`${url}/ui/${place}`);
  return page;
}

/** Requests that were refused or found nobody are told in the console, too: those are no mistakes of the page. */
const ANSWERS = /^Failed to load resource: /;

function watch(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => void problems.push(`uncaught: ${error.message}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !ANSWERS.test(message.text())) problems.push(`console: ${message.text()}`);
  });
  return problems;
}

/** Waits until the page says that it hears of every change. */
export async function live(page: Page): Promise<void> {
  await page.getByRole("banner").getByText("Live", { exact: true }).waitFor({ state: "attached" });
}

/** The line of a job in the list, found by its key. */
export const rowOf = (page: Page, key: string): Locator =>
  page.getByRole("row").filter({ has: page.getByText(key, { exact: true }) });

/** Asks again and again until the answer is as expected. */
export async function seen<T>(ask: () => Promise<T>, expected: T, what: string): Promise<void> {
  let answer: T | undefined;
  const isSeen = async () => {
    answer = await ask();
    return isDeepStrictEqual(answer, expected);
  };
  await waitFor(isSeen, { what, withinMs: PATIENCE_MS }).catch(() => assert.deepEqual(answer, expected, what));
}
