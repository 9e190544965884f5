// The guide for many machines tells the truth: its commands start, its statements run, and what it names is there.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { rowsOf } from "../../bench/sharding/table.ts";
import { SETTINGS } from "../../src/cli/settings.ts";
import { testPostgres } from "../support/postgres.ts";
import { startServer, startWorker } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const guide = await readFile(path.join(ROOT, "docs/guides/scaling.md"), "utf8");
const postgres = await testPostgres();

const blocksOf = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map((match) => match[1] ?? "");

const watched = guide.slice(guide.indexOf("## What to watch"), guide.indexOf("## How far"));

const WAIT_MS = 30_000;
const ENVIRONMENT = { PAWL_AUTH: "off", PAWL_LOG_LEVEL: "error" };

async function ask(url: string, body?: object): Promise<string> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { ...(body && { method: "POST", headers, body: JSON.stringify(body) }) });
  assert.ok(response.ok, `${url}: ${response.status}`);
  return response.text();
}

/** The options of a command, after the database's address. */
const optionsAfterDatabase = (command: string) =>
  command
    .split(/ --database \S+/)[1]
    ?.trim()
    .split(" ") ?? [];

test("the server and the worker of the guide share jobs, and its statements and figures are theirs", {
  skip: postgres.skip,
}, async (t) => {
  const folder = await tempFolder(t);
  const schema = `${postgres.schema}_guide`;
  t.after(() => postgres.runAlone(`DROP SCHEMA ${schema}, ${schema}_data CASCADE`));
  const commands = blocksOf("sh")[0]?.trim().split("\n") ?? [];
  const verbs = commands.map((command) => command.split(" --database ")[0]);
  assert.deepEqual(verbs, ["pawl serve --no-work", "pawl work", "pawl work"]);
  const shared = ["--database", postgres.url, "--schema", schema];
  const options = { dataDir: path.join(folder, "data"), env: ENVIRONMENT };
  await using started = new AsyncDisposableStack();
  const server = started.adopt(await startServer({ ...options, args: [...shared, "--no-work"] }), (one) => one.stop());
  const workerArgs = [...shared, ...optionsAfterDatabase(commands[2] ?? "")];
  started.adopt(await startWorker({ ...options, args: workerArgs }), (one) => one.stop());

  await pauseJob(server.url);
  const figures = await ask(`${server.url}/metrics`);
  const named = [...watched.matchAll(/`(pawl_[a-z_]+)(\{[^}]*\})?`/g)].map(([, name = ""]) => name);
  assert.ok(named.length >= 6);
  for (const name of named) assert.match(figures, new RegExp(`^# TYPE ${name} `, "m"), name);
  const [workers = []] = await answersOf(schema);
  assert.deepEqual(
    workers.map(({ queues }) => queues),
    [["mails", "reports"]],
  );
});

/** A job that the worker runs is paused through the server. */
async function pauseJob(url: string): Promise<void> {
  const job = { type: "ticker", queue: "mails", input: { intervalMs: 20 } };
  const { id } = JSON.parse(await ask(`${url}/api/v1/jobs`, job));
  const become = async (state: string) =>
    assert.equal(JSON.parse(await ask(`${url}/api/v1/jobs/${id}?until=${state}&waitMs=${WAIT_MS}`)).state, state);
  await become("running");
  await ask(`${url}/api/v1/jobs/${id}/pause`, {});
  await become("paused");
}

/** What the guide's statements answer, in their order. */
async function answersOf(schema: string): Promise<readonly (readonly Readonly<Record<string, unknown>>[])[]> {
  const statements = blocksOf("sql");
  assert.ok(statements.length >= 5);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const answers: (readonly Readonly<Record<string, unknown>>[])[] = [];
    for (const statement of statements) {
      const inSchema = statement.replaceAll(/\bpawl\./g, `${schema}.`).replace("'pawl'", `'${schema}'`);
      answers.push((await client.query(inSchema)).rows);
    }
    return answers;
  } finally {
    await client.end();
  }
}

test("every setting that the guide names is one", () => {
  const flags = Object.values(SETTINGS).map(({ flag }) => flag.split(" ")[0] ?? "");
  const variables = Object.values(SETTINGS).map(({ variable }) => variable);
  const ours = guide.replaceAll(/^pg_dump .*$/gm, "");
  for (const [name] of ours.matchAll(/(?<![\w-])--[a-z]+(-[a-z]+)*/g)) {
    const known = flags.includes(name) || flags.some((flag) => name === "--retain" || flag.startsWith(`${name}-`));
    assert.ok(known || ["--no-work", "--from", "--to", "--store", "--max-semi-space-size"].includes(name), name);
  }
  for (const [name] of ours.matchAll(/\bPAWL_[A-Z_]+/g)) assert.ok(variables.includes(name), name);
});

test("the table of the simulation is what the simulation prints", () => {
  const shown = guide
    .split("\n")
    .filter((line) => /^\| [\d,]+ \| \d+ \|/.test(line))
    .map((line) => line.slice(2, -2).split(" | "));
  assert.ok(shown.length > 10);
  // The larger ones take minutes.
  const few = rowsOf({ seed: 1, workers: [10, 30], databases: [1] });
  assert.deepEqual(shown.slice(0, few.length), few);
});
