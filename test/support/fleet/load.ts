// Work for a fleet while faults come: imports that last, small jobs in a row, and people who pause, resume and cancel. All
// that was acknowledged is written down.
import { setTimeout as sleep } from "node:timers/promises";
import { isFinal, type State } from "../../../src/domain/lifecycle.ts";
import { COLUMNS, rowCells } from "../csv-file.ts";
import type { Random } from "../random.ts";
import type { Caller } from "./caller.ts";

export interface Import {
  readonly id: string;
  readonly dataset: string;
  readonly rows: number;
}

/** What a person asked of a job, and the server took. */
export interface Taken {
  readonly id: string;
  readonly action: "pause" | "resume" | "cancel";
  readonly requestId: string;
}

export interface Acknowledged {
  readonly imports: readonly Import[];
  /** Ids of small jobs, by key. */
  readonly jobs: ReadonlyMap<string, string>;
  readonly requests: readonly Taken[];
}

export interface Load {
  /** No more is submitted or asked. What was paused is resumed. */
  end(): Promise<Acknowledged>;
}

export interface LoadOptions {
  readonly caller: Caller;
  readonly random: Random;
  readonly imports: number;
  /** Of each import. */
  readonly rows: number;
  readonly ratePerSecond: number;
}

/** Small jobs have this label, by which they are counted. */
export const LABEL = { load: "small" };
const JOB_EVERY_MS = 150;
const ASK_EVERY_MS = 400;
/** One import of so many is cancelled. */
const CANCELLED_OF = 4;

export async function startLoad({ caller, random, imports: count, rows, ratePerSecond }: LoadOptions): Promise<Load> {
  const imports: Import[] = [];
  const jobs = new Map<string, string>();
  const requests: Taken[] = [];
  let isEnding = false;

  async function submitImport(index: number): Promise<void> {
    const dataset = `fleet-${index}`;
    const job = { type: "csv-import", input: { dataset, ratePerSecond, batchSize: 20 } };
    imports.push({ id: await caller.submitFile(`import-${index}`, job, csvOf(rows)), dataset, rows });
  }

  async function submitSmallJobs(): Promise<void> {
    for (let index = 0; !isEnding; index += 1) {
      const key = `small-${index}`;
      jobs.set(key, await caller.submit(key, { type: "simple", labels: LABEL, input: { steps: 5, stepMs: 60 } }));
      await sleep(JOB_EVERY_MS);
    }
  }

  async function ask(id: string, action: Taken["action"]): Promise<void> {
    const requestId = `${action}-${requests.length}-${random.between(0, 999_999)}`;
    if (await caller.ask(id, action, requestId)) requests.push({ id, action, requestId });
  }

  async function steer(): Promise<void> {
    for (let turn = 0; !isEnding; turn += 1) {
      await sleep(ASK_EVERY_MS);
      const target = imports[random.between(0, imports.length - 1)];
      if (!target) continue;
      const { state } = await caller.get(target.id);
      const action = actionFor(state, imports.indexOf(target), turn);
      if (action) await ask(target.id, action);
    }
  }

  await Promise.all(Array.from({ length: count }, (_, index) => submitImport(index)));
  const working = [submitSmallJobs(), steer()];
  // Who waits for it hears of it at the end.
  for (const work of working) work.catch(() => undefined);
  return {
    async end() {
      isEnding = true;
      await Promise.all(working);
      for (const { id } of imports) await resumeUntilIt(id);
      return { imports, jobs, requests };
    },
  };

  async function resumeUntilIt(id: string): Promise<void> {
    for (;;) {
      const { state } = await caller.get(id);
      if (state !== "paused" && state !== "pausing") return;
      await ask(id, "resume");
      await sleep(JOB_EVERY_MS);
    }
  }
}

/** Before this turn nothing is cancelled, so that a cancelled import has rows to undo. */
const CANCEL_FROM_TURN = 12;

function actionFor(state: State, index: number, turn: number): Taken["action"] | null {
  if (isFinal(state) || state === "cancelling") return null;
  if (index % CANCELLED_OF === CANCELLED_OF - 1 && turn >= CANCEL_FROM_TURN) return "cancel";
  return state === "paused" || state === "pausing" ? "resume" : "pause";
}

function csvOf(rows: number): Blob {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = Array.from({ length: rows }, (_, index) => rowCells(index).map(cell).join(","));
  return new Blob([[COLUMNS.join(","), ...lines].map((line) => `${line}\n`).join("")], { type: "text/csv" });
}
