// Compares what was acknowledged with what there is in the end: nothing lost, nothing doubled, each request honoured.
import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryEntry } from "../../../src/domain/history.ts";
import type { Job } from "../../../src/domain/job.ts";
import { isFinal } from "../../../src/domain/lifecycle.ts";
import type { DatasetRow } from "../../../src/ports/datasets.ts";
import { rowLine, rowRecord } from "../csv-file.ts";
import type { Caller } from "./caller.ts";
import { type Acknowledged, type Import, LABEL } from "./load.ts";

export interface Verdict {
  readonly jobs: number;
  readonly requests: number;
  /** One line each. Empty when every promise was kept. */
  readonly broken: readonly string[];
  /** When jobs of dead workers were given back, epoch ms. */
  readonly lostAt: readonly number[];
}

/** A job that stands still for so long does not end by itself any more; one that moves may take its time. */
const STILL_MS = 60_000;
const LOOK_EVERY_MS = 200;
const PAGE = 1_000;

/** Waits until all jobs have ended, which is a promise too. */
export async function judge(caller: Caller, { imports, jobs, requests }: Acknowledged): Promise<Verdict> {
  const broken: string[] = [];
  const lostAt: number[] = [];
  const ids = [...jobs.values(), ...imports.map(({ id }) => id)];
  for (const id of ids) {
    const job = await end(caller, id);
    if (!isFinal(job.state)) broken.push(`job ${id} is ${job.state} and does not end`);
    if (job.state === "failed" || job.state === "rollback_failed")
      broken.push(`job ${id}: ${JSON.stringify(job.error)}`);
    const history = await caller.history(id);
    broken.push(...badHistory(id, history));
    lostAt.push(...history.filter(({ kind }) => kind === "lost").map(({ at }) => new Date(at).getTime()));
    const asked = requests.filter((request) => request.id === id);
    for (const { action, requestId } of asked) {
      if (
        !history.some(({ kind, reason }) => kind === action && reason === requestId) &&
        !wasReached(history, requestId)
      ) {
        broken.push(`job ${id}: the acknowledged ${requestId} is not in its history`);
      }
    }
  }
  for (const imported of imports) broken.push(...(await badRows(caller, imported)));
  const counted = await countSmallJobs(caller);
  if (counted !== jobs.size) broken.push(`${jobs.size} small jobs were acknowledged, and there are ${counted}`);
  return { jobs: ids.length, requests: requests.length, broken, lostAt };
}

/** A request for what was so already is kept as a repetition. */
const wasReached = (history: readonly HistoryEntry[], requestId: string) =>
  history.some(({ kind, reason }) => kind === "repeated" && reason === requestId);

async function end(caller: Caller, id: string): Promise<Job> {
  let seen = "";
  let movedAt = Date.now();
  for (;;) {
    const job = await caller.get(id);
    const place = JSON.stringify([job.state, job.phase, job.progress.done, job.checkpoint.seq]);
    if (place !== seen) movedAt = Date.now();
    seen = place;
    if (isFinal(job.state) || Date.now() - movedAt > STILL_MS) return job;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Gaps, an attempt that began against an acknowledged pause, one that went forward after a cancel. */
function badHistory(id: string, history: readonly HistoryEntry[]): readonly string[] {
  const broken: string[] = [];
  let isPaused = false;
  let isCancelled = false;
  for (const [index, { seq, kind, phase }] of history.entries()) {
    if (seq !== index + 1) broken.push(`job ${id}: entry ${index + 1} of its history is number ${seq}`);
    if (kind === "pause") isPaused = true;
    if (kind === "resume" || kind === "cancel") isPaused = false;
    if (kind === "cancel") isCancelled = true;
    if (kind === "claim" && isPaused) broken.push(`job ${id}: an attempt began while it was paused (entry ${seq})`);
    if (kind === "claim" && isCancelled && phase === "forward") {
      broken.push(`job ${id}: an attempt began after it was cancelled (entry ${seq})`);
    }
  }
  return broken;
}

/** Each row exactly once and in order, or none of an import that was undone. */
async function badRows(caller: Caller, { id, dataset, rows }: Import): Promise<readonly string[]> {
  const { state } = await caller.get(id);
  const expected = state === "succeeded" ? rows : 0;
  const { items: datasets } = await caller.read<{ items: readonly { readonly name: string }[] }>("/datasets");
  if (!datasets.some(({ name }) => name === dataset)) return expected === 0 ? [] : [`dataset ${dataset} is not there`];
  let count = 0;
  for (let after = ""; ; ) {
    const { items } = await caller.read<{ items: readonly DatasetRow[] }>(
      `/datasets/${dataset}/rows?limit=${PAGE}${after === "" ? "" : `&after=${after}`}`,
    );
    for (const { values, line } of items) {
      const right = JSON.stringify(values) === JSON.stringify(rowRecord(count)) && line === rowLine(count);
      if (!right) return [`row ${count} of ${dataset} (${state}) is ${JSON.stringify(values)} of line ${line}`];
      count += 1;
    }
    after = items.at(-1)?.position ?? "";
    if (after === "") break;
  }
  return count === expected ? [] : [`${dataset} (${state}) has ${count} rows instead of ${expected}`];
}

async function countSmallJobs(caller: Caller): Promise<number> {
  const [[name, value] = []] = Object.entries(LABEL);
  let count = 0;
  for (let cursor = ""; ; ) {
    const place = `/jobs?limit=200&label=${name}:${value}${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const page = await caller.read<{ items: readonly unknown[]; nextCursor: string | null }>(place);
    count += page.items.length;
    if (page.nextCursor === null) return count;
    cursor = page.nextCursor;
  }
}
