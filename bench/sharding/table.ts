// The table of the simulation: claim rate and recovery against the number of workers, on one database and on several, among
// which the queues are divided. Each database has its own workers, and knows of no other; so one of them is simulated.
import { createRandom } from "../../test/support/random.ts";
import { CALIBRATION, PROGRAM } from "./calibration.ts";
import { runFleet, SETTLE_DOWN_MS } from "./fleet.ts";

interface Cell {
  readonly workers: number;
  readonly databases: number;
  /** Claims a second, on all databases together. */
  readonly claimRate: number;
  /** The same, when so many equal queues are divided by a hash: the database that has most of them is full first. */
  readonly hashedRate: number;
  /** Parts of the CPU time of a database. */
  readonly busy: { readonly jobs: number; readonly notices: number; readonly watching: number };
  /** Whether a renewal took so long that leases are lost. */
  readonly losesLeases: boolean;
  readonly killedMs: number | null;
  readonly cutOffMs: number | null;
}

export interface TableOptions {
  readonly seed: number;
  readonly workers: readonly number[];
  readonly databases: readonly number[];
}

const SCENARIO = {
  slots: 10,
  jobMs: 10_000,
  cores: 2,
  queues: 100,
  forMs: 20_000,
  recoverForMs: 40_000,
} as const;
/** Of what the slots could do: what is submitted while a worker is lost. */
const LOAD = 0.5;
const WORKERS = [10, 30, 100, 300, 1_000, 3_000, 10_000] as const;
const DATABASES = [1, 4, 16] as const;

/** Workers that a database has at least: with fewer, the loss of one is a loss of most. */
const FEWEST = 10;

/** One row for each number of workers and databases that leaves each database some: its cells, as they are shown. */
export function rowsOf({ seed, workers, databases }: TableOptions): readonly (readonly string[])[] {
  return databases.flatMap((count) =>
    workers.filter((all) => all >= FEWEST * count).map((all) => shown(cellOf(seed, all, count))),
  );
}

function cellOf(seed: number, workers: number, databases: number): Cell {
  const { slots, jobMs, cores, forMs, recoverForMs } = SCENARIO;
  const each = Math.floor(workers / databases);
  const common = { seed, workers: each, slots, jobMs, cores };
  const full = runFleet({ ...common, submits: "backlog", forMs });
  const submits = LOAD * Math.min((each * slots * 1_000) / jobMs, full.claimRate);
  const recover = (loss: "killed" | "cut off") =>
    runFleet({ ...common, submits, forMs: recoverForMs, loss }).recoveryMs;
  const losesLeases = full.slowestRenewalMs > PROGRAM.leaseMs - PROGRAM.renewEveryMs;
  const { jobs, notices, sweeps, renewals } = full.database.busyMs;
  const share = (ms: number) => ms / (cores * (SETTLE_DOWN_MS + forMs));
  return {
    workers,
    databases,
    claimRate: databases * full.claimRate,
    hashedRate: full.claimRate / largestShare(databases, seed),
    busy: { jobs: share(jobs), notices: share(notices), watching: share(sweeps + renewals) },
    losesLeases,
    killedMs: losesLeases ? null : recover("killed"),
    cutOffMs: losesLeases ? null : recover("cut off"),
  };
}

/** Of the queues, where each goes to one of the databases by chance. */
function largestShare(databases: number, seed: number): number {
  const random = createRandom(seed);
  const queues = Array.from({ length: databases }, () => 0);
  for (let queue = 0; queue < SCENARIO.queues; queue += 1) {
    const chosen = random.between(0, databases - 1);
    queues[chosen] = (queues[chosen] ?? 0) + 1;
  }
  return Math.max(...queues) / SCENARIO.queues;
}

const COLUMNS = [8, 10, 10, 10, 8, 9, 10, 9, 12, 13] as const;
const HEAD = [
  "workers",
  "databases",
  "claims/s",
  "hashed/s",
  "of want",
  "cpu jobs",
  "cpu notes",
  "cpu watch",
  "killed, s",
  "cut off, s",
];

export function printTable(seed: number): void {
  const { slots, jobMs, cores, queues } = SCENARIO;
  console.log(
    `A simulation, seed ${seed}: databases of ${cores} cores, workers of ${slots} slots, jobs of ${jobMs / 1_000} s in the mean (exponential), so that`,
  );
  console.log(`W workers want W claims a second. Costs in CPU ms, measured: ${JSON.stringify(CALIBRATION)}`);
  console.log(
    `hashed/s: ${queues} equal queues, divided among the databases by chance. cpu: of one database, for claims and settlements, for notices,`,
  );
  console.log(
    `and for leases and sweeps. killed, cut off: until the jobs of a lost worker are claimed again, at half of the load.\n`,
  );
  console.log(line(HEAD));
  for (const row of rowsOf({ seed, workers: WORKERS, databases: DATABASES })) console.log(line(row));
}

function shown(cell: Cell): readonly string[] {
  const { workers, databases, claimRate, hashedRate, busy, losesLeases, killedMs, cutOffMs } = cell;
  const percent = (part: number) => `${Math.round(100 * part)} %`;
  const time = (ms: number | null) => (ms === null ? `over ${SCENARIO.recoverForMs / 1_000}` : (ms / 1_000).toFixed(1));
  return [
    workers.toLocaleString("en"),
    String(databases),
    Math.round(claimRate).toLocaleString("en"),
    Math.round(hashedRate).toLocaleString("en"),
    percent(claimRate / ((workers * SCENARIO.slots * 1_000) / SCENARIO.jobMs)),
    percent(busy.jobs),
    percent(busy.notices),
    percent(busy.watching),
    losesLeases ? "leases lost" : time(killedMs),
    losesLeases ? "leases lost" : time(cutOffMs),
  ];
}

const line = (cells: readonly string[]): string =>
  cells.map((cell, index) => cell.padStart(COLUMNS[index] ?? 0)).join("  ");
