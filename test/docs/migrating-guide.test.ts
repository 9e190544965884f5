// The guide for clients of the earlier APIs tells the truth: its commands are walked against a server, its example runs, and
// its tables have every route, and the words of the tables in the code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OPERATIONS } from "../../src/api/operations.ts";
import { STATES as CSV_TASK_STATES } from "../../src/http/compat/csv-task-updates.ts";
import { STATUS as FILE_TASK_STATUS } from "../../src/http/compat/file-tasks.ts";
import { STATUS as HALT_RESUME_STATUS } from "../../src/http/compat/halt-resume.ts";
import { STATUS as WORKER_POOL_STATUS } from "../../src/http/compat/worker-pool.ts";
import { startServer } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { stepsOf, walk } from "./console-walk.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EXAMPLE = "npx node examples/migrating-a-job.ts";
/** Only ends a run that waits for a state which never comes. */
const TIMEOUT_MS = 240_000;
/** As the guide says, but that what is waited for takes less; what is steered in the middle takes long enough. */
const SETTINGS = { PAWL_AUTH: "off", PAWL_DAY_MS: "5", PAWL_REVERSE_DELAY_MS: "1000", PAWL_FILE_TASK_STEP_MS: "500" };

const guide = await readFile(path.join(ROOT, "docs/guides/migrating.md"), "utf8");

test("every command of the guide prints what the guide shows", { timeout: TIMEOUT_MS }, async (t) => {
  const folder = await tempFolder(t);
  const server = await startServer({ dataDir: path.join(folder, "data"), env: SETTINGS });
  try {
    const page = guide.replaceAll("127.0.0.1:8080", new URL(server.url).host);
    const steps = stepsOf(page).filter(({ command }) => command !== EXAMPLE);
    assert.ok(steps.length > 70);
    const directory = path.join(folder, "walk");
    await mkdir(directory);
    const environment = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` };
    const printed = await walk(steps, { directory, environment, signal: t.signal });
    for (const [index, { command, shown }] of steps.entries()) {
      assert.equal(withoutChance(printed[index] ?? ""), withoutChance(shown), command);
    }
  } finally {
    await server.stop();
  }
});

/** Ids and times are others each time. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/-\d{10}-\d{1,4}$/, "-<seconds>-<number>");
}

test("the guide's example prints what the guide shows", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["examples/migrating-a-job.ts"], {
    cwd: ROOT,
  });
  const [, halted = "", restarted = ""] = /^halt: (.*)\nrestart: (.*)\n/.exec(stdout) ?? [];
  assert.match(halted, /^paused, \d+ of 500 items/);
  assert.equal(restarted, halted);
  assert.match(stdout, /^stop and clean: rolled_back, (\d+) of \1 entries/m);
  // How far a job is when it is stopped depends on the machine.
  const withoutPlace = (text: string) => text.trimEnd().replaceAll(/\d+ of (500|\d+ entries)/g, "some");
  const step = stepsOf(guide).find(({ command }) => command === EXAMPLE);
  assert.equal(withoutPlace(stdout), withoutPlace(step?.shown ?? ""));
  assert.equal(stderr, "");
});

test("the code that the guide shows stands in its example", async () => {
  const code = await readFile(path.join(ROOT, "examples/migrating-a-job.ts"), "utf8");
  const shown = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  assert.equal(shown.length, 2);
  for (const excerpt of shown) assert.ok(code.includes(excerpt), excerpt);
});

test("the guide says what takes the place of every route, and which of them ask first", () => {
  const tables = guide.split("\n## ").filter((section) => /^\d\. /.test(section));
  const earlier = OPERATIONS.filter(({ tag }) => tag.startsWith("Earlier API"));
  assert.ok(earlier.length >= 20);
  for (const { tag, method, path: route, changes } of earlier) {
    const section = tables.find((text) => text.startsWith(tag.slice(-1))) ?? "";
    const row = section.split("\n").find((line) => isRowOf(line, { method, route }));
    assert.match(row ?? "", /\| `(GET|POST) \/api\/v1\/.* \|$/, `${tag}: ${method} ${route}`);
    const asking = guide.slice(guide.indexOf("## GETs that change something"));
    if (method === "GET") assert.equal(asking.includes(`\`${route}\``), changes === true, route);
  }
});

/** A GET that changes something and its POST share a row. */
function isRowOf(line: string, { method, route }: { readonly method: string; readonly route: string }): boolean {
  const [, first = ""] = line.split("|");
  const [, verb = "", address = ""] = /^ `(GET|POST) ([^\s?`]+)/.exec(first) ?? [];
  return address === route && (verb === method || (method === "POST" && first.endsWith(", or POST ")));
}

test("the guide's words for states are those of the code", () => {
  const lines = guide.split("\n");
  const start = lines.indexOf("| Pawl | API 2 | API 3 | API 4 | API 5 |");
  const rows = lines.slice(start + 2, lines.indexOf("", start)).map((line) => [...line.matchAll(/`(\w+)`/g)]);
  assert.deepEqual(
    rows.map((row) => row.map(([, word]) => word)),
    Object.entries(CSV_TASK_STATES).map(([stage, word]) => [
      stage,
      word,
      ...[HALT_RESUME_STATUS, WORKER_POOL_STATUS, FILE_TASK_STATUS].map(
        (table) => Object.entries(table).find(([name]) => name === stage)?.[1],
      ),
    ]),
  );
});
