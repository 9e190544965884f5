// `node bench/sharding/calibrate.ts`: what the simulation has to know of one database. Times are CPU time of the server's own
// processes, so that other work on the machine hardly matters; what it prints stands in calibration.ts.
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";
import { systemClock } from "../../src/index.ts";
import { createPostgresStore } from "../../src/stores/postgres/index.ts";
import { claim } from "../../src/stores/postgres/queries/claims.ts";
import { insert } from "../../src/stores/postgres/queries/insertions.ts";
import { reap, settle } from "../../src/stores/postgres/queries/moves.ts";
import { look, renew } from "../../src/stores/postgres/queries/workers.ts";
import { postgresUrl, stopPostgres, withClient, withSchema } from "../postgres.ts";

/** Linux counts a process's time in these. */
const TICK_MS = 10;
const TYPE = "noop";
const WORKER = "calibration";

/** What a process has used, in ms. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** What all processes of the server have used: those whose parent it is. */
function serverCpuMs(postmaster: number): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.reduce((sum, pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return parent === postmaster ? sum + cpuMs(Number(pid)) : sum;
    } catch {
      return sum;
    }
  }, 0);
}

interface Backend {
  run(statement: string, ...values: readonly unknown[]): Promise<pg.QueryResult>;
  /** CPU time of one call, in ms. */
  costOf(calls: number, call: (index: number) => Promise<unknown>): Promise<number>;
}

const withBackend = <T>(schema: string, use: (backend: Backend) => Promise<T>): Promise<T> =>
  withClient(async (client) => {
    const names = new Map<string, string>();
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    const run = (statement: string, ...values: readonly unknown[]) => {
      const name = names.get(statement) ?? `s${names.size}`;
      names.set(statement, name);
      return client.query({ name, text: statement.replaceAll(/\bpawl\./g, `${schema}.`), values: [...values] });
    };
    return use({
      run,
      async costOf(calls, call) {
        const before = cpuMs(rows[0].pid);
        for (let index = 0; index < calls; index += 1) await call(index);
        return (cpuMs(rows[0].pid) - before) / calls;
      },
    });
  });

let made = 0;
const members = (count: number) =>
  JSON.stringify(
    Array.from({ length: count }, () => {
      made += 1;
      const id = `01939f6a-6a1c-7b64-9a52-${made.toString(16).padStart(12, "0")}`;
      return [id, TYPE, "default", null, null, 0, null, "1", 3, 0, 0, null, "local", [], 1e6, null, null, null];
    }),
  );

const settlementsOf = (jobs: readonly (readonly unknown[])[]) =>
  JSON.stringify(
    jobs.map((job) => [job[0], WORKER, job[11], "succeed", "null", ...Array.from({ length: 11 }, () => null)]),
  );

interface Line {
  readonly fixed: number;
  readonly each: number;
}

/** The line through the costs of a few and of many. */
const lineOf = (few: number, many: number, [at, to]: readonly [number, number]): Line => {
  const each = (many - few) / (to - at);
  return { fixed: few - each * at, each };
};

const FEW = 1;
const MANY = 100;

async function jobCosts({ run, costOf }: Backend) {
  await run(insert, members(MANY));
  const inserts = [
    await costOf(3_000, () => run(insert, members(FEW))),
    await costOf(300, () => run(insert, members(MANY))),
  ];
  const costs = { claim: [] as number[], settle: [] as number[] };
  for (const [size, calls] of [
    [FEW, 2_000],
    [MANY, 200],
  ] as const) {
    const claimed: (readonly unknown[])[][] = [];
    const take = async () => claimed.push((await run(claim, WORKER, [TYPE], null, size, [])).rows[0].jobs);
    costs.claim.push(await costOf(calls, take));
    costs.settle.push(await costOf(calls, (index) => run(settle, settlementsOf(claimed[index] ?? []))));
  }
  const line = ([few = 0, many = 0]: readonly number[]) => lineOf(few, many, [FEW, MANY]);
  await run("TRUNCATE pawl.jobs");
  const empty = await costOf(2_000, () => run(claim, WORKER, [TYPE], null, MANY, []));
  return { insert: line(inserts), claim: line(costs.claim), settle: line(costs.settle), emptyClaimMs: empty };
}

const FAKE_WORKERS = `
  INSERT INTO pawl.workers (id, host, pid, concurrency, alive, started_at, seen_at, expires_at, lock_key)
  SELECT 'w' || g, 'here', 1, 10, true, 0, 0, 9e15::bigint, g FROM generate_series(1, $1::int) AS g`;

async function workerCosts({ run, costOf }: Backend, client: pg.Client) {
  const looks: number[] = [];
  const sizes = [10, 2_000] as const;
  for (const workers of sizes) {
    await run("DELETE FROM pawl.workers WHERE id <> 'calibration'");
    await run(FAKE_WORKERS, workers);
    await client.query("SELECT pg_advisory_unlock_all()");
    await client.query(`SELECT pg_advisory_lock(g) FROM generate_series(1, ${workers}) AS g`);
    looks.push(await costOf(1_000, () => run(look)));
  }
  const [few = 0, many = 0] = looks;
  return {
    look: lineOf(few, many, sizes),
    renewMs: await costOf(2_000, () => run(renew, WORKER, 15_000, null)),
    reapMs: await costOf(1_000, () => run(reap, 5, 1_000)),
  };
}

/** What one more listener costs each notice, in all processes of the server. */
async function noticeCost(url: string): Promise<number> {
  const COUNTS = [10, 60] as const;
  const NOTICES = 2_000;
  const listeners: pg.Client[] = [];
  const costs: number[] = [];
  await withClient(async (sender) => {
    const { rows } = await sender.query("SELECT pg_backend_pid() AS pid");
    const stat = readFileSync(`/proc/${rows[0].pid}/stat`, "utf8");
    const postmaster = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    for (const count of COUNTS) {
      while (listeners.length < count) {
        const listener = new pg.Client({ connectionString: url });
        await listener.connect();
        await listener.query("LISTEN calibration");
        listeners.push(listener);
      }
      const before = serverCpuMs(postmaster);
      for (let n = 0; n < NOTICES; n += 1) await sender.query("SELECT pg_notify('calibration', 'x')");
      costs.push((serverCpuMs(postmaster) - before) / NOTICES);
    }
  });
  await Promise.all(listeners.map((listener) => listener.end()));
  const [few = 0, many = 0] = costs;
  return lineOf(few, many, COUNTS).each;
}

/** What a commit waits for besides: the time of a statement by the clock, less its CPU time. */
async function commitMs({ run, costOf }: Backend): Promise<number> {
  const CALLS = 1_000;
  const before = performance.now();
  const cpu = await costOf(CALLS, () => run(insert, members(FEW)));
  return (performance.now() - before) / CALLS - cpu;
}

await withSchema(async ({ url, schema }) => {
  const store = await createPostgresStore({ url, schema, clock: systemClock, listen: false, leaseThread: false });
  await store.leases.register({ id: WORKER, host: "here", pid: 1, concurrency: 1, queues: null });
  await store.close();
  await withBackend(schema, async (backend) => {
    await backend.run("UPDATE pawl.workers SET expires_at = 9e15::bigint");
    const jobs = await jobCosts(backend);
    const workers = await withClient((client) => workerCosts(backend, client));
    const noticePerListenerMs = await noticeCost(await postgresUrl());
    console.log({ ...jobs, ...workers, noticePerListenerMs, commitMs: await commitMs(backend) });
  });
});
await stopPostgres();
