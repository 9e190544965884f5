// Pictures of every page of the dashboard, in both themes, as wide as a desk and as a phone, with jobs as an operator has them.
// Usage: node scripts/screenshots.ts <folder>
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../test/support/browser.ts";
import { requireDashboard } from "../test/support/dashboard.ts";
import { startServer } from "../test/support/server-process.ts";
import { type Made, makeJobs } from "./screenshots/jobs.ts";

const [folder = ""] = process.argv.slice(2);
if (folder === "") throw new Error("Name a folder for the pictures: node scripts/screenshots.ts <folder>");

const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

interface Shot {
  readonly name: string;
  /** Within the dashboard. */
  readonly path: string;
  /** Seen when the page is there. */
  readonly shown: string | RegExp;
  readonly before?: (page: Page) => Promise<void>;
}

const shotsOf = ({ ids, csv }: Made): readonly Shot[] => [
  { name: "overview", path: "", shown: "Running now" },
  { name: "jobs", path: "jobs", shown: "invoices-2026-11" },
  {
    name: "jobs-chosen",
    path: "jobs",
    shown: "invoices-2026-11",
    async before(page) {
      await page.getByRole("checkbox", { name: /invoices-2026-11/ }).check();
      await page.getByRole("checkbox", { name: /contacts-2026-11/ }).check();
    },
  },
  { name: "jobs-no-match", path: "jobs?q=nothing", shown: /begins with/ },
  { name: "job-running", path: `jobs/${ids.running}`, shown: /^Rate of the last/ },
  {
    name: "job-asks",
    path: `jobs/${ids.running}`,
    shown: "Timeline",
    before: (page) => page.getByRole("button", { name: /^Cancel / }).click(),
  },
  { name: "job-rolled-back", path: `jobs/${ids.rolledBack}`, shown: "phone and birthday were swapped" },
  { name: "job-failed", path: `jobs/${ids.failed}?tab=error`, shown: "What to do" },
  { name: "job-output", path: `jobs/${ids.exported}?tab=output`, shown: /csv/ },
  { name: "job-history", path: `jobs/${ids.rolledBack}?tab=history`, shown: "phone and birthday were swapped" },
  { name: "new", path: "new", shown: "What kind of job?" },
  {
    name: "new-import",
    path: "new?type=csv-import",
    shown: "What will be started",
    async before(page) {
      await page
        .getByLabel(/^CSV file/)
        .setInputFiles({ name: "contacts.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
      await page
        .getByText(/look swapped/)
        .first()
        .waitFor();
      await page
        .getByText(/, uploaded$/)
        .first()
        .waitFor();
    },
  },
  { name: "queues", path: "queues", shown: "the printer is out of paper" },
  { name: "schedules", path: "schedules", shown: "nightly-report" },
  { name: "workers", path: "workers", shown: "Host and process" },
  { name: "data", path: "data?dataset=people", shown: "Rows of" },
  { name: "audit", path: "audit", shown: "createSchedule" },
  { name: "help", path: "", shown: "Running now", before: (page) => page.keyboard.press("?") },
];

async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(`${url}/ui/`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

async function shoot(browser: Browser, made: Made): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: "reduce" });
      const page = await context.newPage();
      const picture = async (name: string, isWhole: boolean) => {
        await page.evaluate("document.fonts.ready.then(() => true)");
        await page.screenshot({ path: path.join(folder, `${name}-${size}-${theme}.png`), fullPage: isWhole });
      };
      await page.goto(`${made.url}/ui/`);
      await page.getByRole("heading", { name: "Sign in to Pawl" }).waitFor();
      await picture("sign-in", false);
      await signIn(page, made.url, made.token);
      for (const { name, path: place, shown, before } of shotsOf(made)) {
        await page.goto(`${made.url}/ui/${place}`);
        await page.getByRole("main").getByText(shown).first().waitFor({ state: "attached" });
        await before?.(page);
        // Of the list only what is in the window is drawn, and what stands in front of a page is in the window, too.
        await picture(name, !name.startsWith("jobs") && !(await page.getByRole("dialog").isVisible()));
      }
      await context.close();
      console.log(`${theme}, ${size}`);
    }
  }
}

requireDashboard();
const browser = await launchBrowser();
if (!browser) throw new Error("There is no chromium on the PATH.");
await mkdir(folder, { recursive: true });
const home = await mkdtemp(path.join(tmpdir(), "pawl-screenshots-"));
const server = await startServer({ dataDir: path.join(home, "data") });
try {
  await shoot(browser, await makeJobs(server.url));
} finally {
  await browser.close();
  await server.stop();
  await rm(home, { recursive: true, force: true });
}
