// A real Chromium for a test file: launched once, closed after its last test. Nothing is downloaded: the browser is the
// machine's own, and where there is none the tests say SKIPPED.
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { after, type TestContext } from "node:test";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/** Where Debian puts it, for a PATH without it. */
const DEBIAN_PATH = "/usr/bin/chromium";

/** As root there is no sandbox, `/dev/shm` of a container is small, and no test may reach out to the network. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

export interface TestBrowser {
  /** Why the tests of this file cannot run here: an option for `test`, which then shows it. */
  readonly skip: string | false;
  /** A profile of its own, that ends with the test. */
  contextFor(t: TestContext, options?: BrowserContextOptions): Promise<BrowserContext>;
}

export interface TestBrowserOptions {
  /** Names that lead to this machine, whatever the machine's own resolver says. */
  readonly loopbackNames?: readonly string[];
}

/**
 * To be called once at the top of a test file. `CHROMIUM_PATH` names another browser than the one on the PATH.
 *
 * @example
 * const browser = await testBrowser();
 * test("the page greets", { skip: browser.skip }, async (t) => {
 *   const page = await (await browser.contextFor(t)).newPage();
 * });
 */
export async function testBrowser(options: TestBrowserOptions = {}): Promise<TestBrowser> {
  const browser = await launchBrowser(options);
  if (browser === null) return unavailable();
  after(() => browser.close());
  return { skip: false, contextFor: (t, more) => contextFor(t, browser, more) };
}

/** For scripts, which close it themselves. `null` where there is none. */
export async function launchBrowser({ loopbackNames = [] }: TestBrowserOptions = {}): Promise<Browser | null> {
  const executablePath = findChromium();
  if (executablePath === null) return null;
  const names = loopbackNames.map((name) => `MAP ${name} 127.0.0.1`).join(",");
  return await chromium.launch({
    executablePath,
    headless: true,
    args: [...ARGUMENTS, `--host-resolver-rules=${names}`],
  });
}

function unavailable(): TestBrowser {
  const skip = "SKIPPED: there is no chromium on the PATH. Install one, or set CHROMIUM_PATH to run it";
  const refuse = () => {
    throw new Error(skip);
  };
  return { skip, contextFor: refuse };
}

async function contextFor(t: TestContext, browser: Browser, options?: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  return context;
}

function findChromium(): string | null {
  // A path that was asked for and leads nowhere is a mistake, and must not look like a machine without a browser.
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const places = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...places, DEBIAN_PATH].find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
