// The crash scenarios, whole: arrange, kill again and again, let it end, compare with the files. The tests run each once;
// scripts/torture-kills.ts runs them until enough kills are counted.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../src/domain/job.ts";
import { type CsvFile, rowCells, writeCsvFile } from "./csv-file.ts";
import { checkDataset } from "./dataset-checker.ts";
import type { HttpClient } from "./http-client.ts";
import {
  type DyingServer,
  inFolder,
  killRepeatedly,
  killWhileStarting,
  type Place,
  startKillable,
} from "./kill-rounds.ts";
import { readParquet } from "./parquet-reader.ts";
import type { Random } from "./random.ts";
import { waitFor } from "./wait-for.ts";

export interface Scenario {
  /** An empty folder, for the files that are sent. */
  readonly folder: string;
  /** Default: in the folder. */
  readonly place?: Place;
  readonly random: Random;
  readonly kills: number;
  readonly rows: number;
  /** Of an export. Default: csv. */
  readonly format?: "csv" | "parquet";
}

/** Rows of imports that must stay as they are. */
const OTHER_ROWS = 3_000;
/** A job runs at most this long, and a little more for its start, before a kill comes. */
const KILL_WITHIN_MS = 300;
/** About what undoing the rows of some seconds takes. */
const ROLLBACK_MS = 30;
/** What a kill may cost beyond `KILL_WITHIN_MS`: the job was seen running late, the signal came late. */
const KILL_DELAY_MS = 100;

/** Slow enough that the job cannot end before the last kill, however they fall. */
const rateFor = ({ rows, kills }: Scenario) =>
  Math.floor((rows * 1_000) / ((kills + 1) * (KILL_WITHIN_MS + KILL_DELAY_MS)));
/** So much slower is a job that is cancelled: it must not end before, and nobody waits for its end. */
const UNHURRIED = 10;

/** How many kills ended an attempt; the others hit a server that had not claimed the job yet, or had finished it. */
export interface Hits {
  readonly forward: number;
  readonly rollback: number;
}

/** Imports a file under kills: each row is there exactly once, in order, and the other imports are untouched. */
export async function importUnderKills(scenario: Scenario): Promise<Hits> {
  const { server, files, others } = await arrange(scenario);
  const ratePerSecond = rateFor(scenario);
  const job = await submitImport(server.client, { file: files.main, dataset: "main", ratePerSecond });
  await refusesSecondImport(server.client, files.other, job);
  const last = await killRepeatedly(server, { ...killing(scenario), jobId: job.id });
  const done = await last.client.waitUntil(job.id, "final");
  assert.equal(done.state, "succeeded", JSON.stringify(done.error));
  assert.deepEqual(done.output, { rows: scenario.rows, rejected: 0 });
  await checkDataset(last.client, "main", [others.main, { jobId: job.id, rows: scenario.rows }]);
  await checkDataset(last.client, "other", [others.other]);
  return await finish(last, job.id);
}

/** Cancels an import between kills: none of its rows is left, and all rows of the others are. */
export async function rollbackUnderKills(scenario: Scenario): Promise<Hits> {
  const { server, files, others } = await arrange(scenario);
  const ratePerSecond = Math.ceil(rateFor(scenario) / UNHURRIED);
  const job = await submitImport(server.client, { file: files.main, dataset: "main", ratePerSecond });
  const before = Math.ceil(scenario.kills / 2);
  const half = await killRepeatedly(server, { ...killing(scenario), kills: before, jobId: job.id });
  await waitFor(async () => ((await half.client.get(job.id)).progress.done ?? 0) > 0, { what: "rows of the import" });
  const { status } = await half.client.act(job.id, "cancel", { reason: "wrong file" });
  assert.equal(status, 202);
  const last = await killAroundRollback(half, scenario, scenario.kills - before);
  const done = await last.client.waitUntil(job.id, "final");
  assert.equal(done.state, "rolled_back", JSON.stringify(done.error));
  await checkDataset(last.client, "main", [others.main]);
  await checkDataset(last.client, "other", [others.other]);
  return await finish(last, job.id);
}

/** Exports a dataset under kills: the file is the same, byte by byte, as that of an export which nobody disturbed. */
export async function exportUnderKills(scenario: Scenario): Promise<Hits> {
  const { format = "csv" } = scenario;
  const file = await writeCsvFile(path.join(scenario.folder, "main.csv"), scenario.rows);
  const server = await startKillable(placeOf(scenario).server);
  await importWhole(server.client, file, "main");
  const calm = await server.client.submit({ type: "data-export", input: { dataset: "main", raw: true, format } });
  const expected = await artifactOf(server.client, await server.client.waitUntil(calm.id, "final"));
  const input = { dataset: "main", raw: true, format, ratePerSecond: rateFor(scenario) };
  const job = await server.client.submit({ type: "data-export", input });
  const last = await killRepeatedly(server, { ...killing(scenario), jobId: job.id });
  const actual = await artifactOf(last.client, await last.client.waitUntil(job.id, "final"));
  assert.ok(actual.equals(expected), "the export under kills differs from the one that nobody disturbed");
  if (format === "csv") {
    const imported = await readFile(file.path);
    assert.deepEqual(withoutCarriageReturns(actual), imported, "the export differs from the file that was imported");
  } else await checkParquet(actual, scenario.rows);
  return await finish(last, job.id);
}

async function checkParquet(bytes: Buffer, count: number): Promise<void> {
  const { rows } = await readParquet(bytes);
  assert.equal(rows.length, count);
  for (const [index, row] of rows.entries()) assert.deepEqual(row, rowCells(index), `row ${index} of the export`);
}

interface Files {
  readonly main: CsvFile;
  readonly other: CsvFile;
}

/** A server with a finished import in the dataset "main", another one in "other", and the file still to be imported. */
async function arrange(scenario: Scenario) {
  const { folder, rows } = scenario;
  const files: Files = {
    main: await writeCsvFile(path.join(folder, "main.csv"), rows),
    other: await writeCsvFile(path.join(folder, "other.csv"), OTHER_ROWS, 1_000_000),
  };
  const server = await startKillable(placeOf(scenario).server);
  const whole = async (dataset: string) => ({
    jobId: await importWhole(server.client, files.other, dataset),
    rows: OTHER_ROWS,
    first: 1_000_000,
  });
  const others = { main: await whole("main"), other: await whole("other") };
  return { server, files, others };
}

export const placeOf = ({ folder, place = inFolder(folder) }: Scenario): Place => place;

const killing = (scenario: Scenario) => ({
  place: placeOf(scenario),
  random: scenario.random,
  kills: scenario.kills,
  withinMs: KILL_WITHIN_MS,
});

interface ImportRequest {
  readonly file: CsvFile;
  readonly dataset: string;
  readonly ratePerSecond?: number;
}

async function submitImport(client: HttpClient, { file, ...input }: ImportRequest): Promise<Job> {
  const { status, body } = await client.submitFile({ type: "csv-import", input }, file.path);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

async function importWhole(client: HttpClient, file: CsvFile, dataset: string): Promise<string> {
  const { id } = await submitImport(client, { file, dataset });
  const job = await client.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  return id;
}

async function refusesSecondImport(client: HttpClient, file: CsvFile, holder: Job): Promise<void> {
  const second = await waitFor(
    async () => {
      const answer = await client.submitFile({ type: "csv-import", input: { dataset: "main" } }, file.path);
      // What its database gave up, since it stood still for longer than a lease, can be asked again: it is refused.
      return answer.status !== 503 && answer;
    },
    { what: "a second import to be refused" },
  );
  const { code, holder: named } = second.body as unknown as { code: string; holder: string };
  assert.deepEqual([second.status, code, named], [409, "exclusive_group_taken", holder.id]);
}

/** A rollback is too fast to be seen running: kills right after the cancel, then at random moments from the first line on. */
async function killAroundRollback(first: DyingServer, scenario: Scenario, kills: number): Promise<DyingServer> {
  const { random } = scenario;
  const { server, takeoverMs } = placeOf(scenario);
  await sleep(random.between(0, ROLLBACK_MS));
  await first.process.kill("SIGKILL");
  for (let kill = 1; kill < kills; kill++) await killWhileStarting(server, random.between(0, takeoverMs));
  return await startKillable(server);
}

/** The history has no gaps, no kill or restart has used up an attempt, and the server stops cleanly. */
async function finish({ client, process }: DyingServer, jobId: string): Promise<Hits> {
  const history = await client.history(jobId);
  assert.deepEqual(
    history.map(({ seq }) => seq),
    history.map((_, index) => index + 1),
  );
  assert.equal((await client.get(jobId)).attempt, 1);
  await process.stop();
  const lost = history.filter(({ kind }) => kind === "lost");
  const forward = lost.filter(({ phase }) => phase === "forward").length;
  return { forward, rollback: lost.length - forward };
}

/** The bytes of a succeeded job's only artifact, compared with the digest that the job names. */
async function artifactOf(client: HttpClient, job: Job): Promise<Buffer> {
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  const [artifact] = job.artifacts;
  assert.ok(artifact);
  const bytes = await client.bytes(`/api/v1/jobs/${job.id}/artifacts/${artifact.name}`);
  assert.equal(createHash("sha256").update(bytes).digest("hex"), artifact.sha256);
  return bytes;
}

const withoutCarriageReturns = (bytes: Buffer) => Buffer.from(bytes.toString("utf8").replaceAll("\r\n", "\n"));
