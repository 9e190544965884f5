// The database of the shipped job types goes away while they work: they wait for it, and lose and repeat nothing.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Job } from "../../src/domain/job.ts";
import type { DataStore } from "../../src/jobs/data/data-store.ts";
import { createFakeClock, type FakeClock } from "../../src/testing/fake-clock.ts";
import { openPostgresData } from "../support/data-store.ts";
import { testPostgres } from "../support/postgres.ts";
import { openPostgresProxy, type PostgresProxy } from "../support/postgres-proxy.ts";
import { waitFor } from "../support/wait-for.ts";
import { people, persons, type ShippedJobs, startShippedJobs } from "./shipped-jobs.ts";

const postgres = await testPostgres();
const { skip } = postgres;

/** What happens to the database, by the number of the call, from 1, before which it happens. */
type Outages = Readonly<Record<number, (proxy: PostgresProxy) => void>>;

/** Every connection breaks, and others are refused until the job has noticed. */
const away = (proxy: PostgresProxy) => proxy.cut();

/** The next transaction is committed, and nobody hears of it. */
const deafness = (proxy: PostgresProxy) => void proxy.swallowCommit().then(() => proxy.cut());

interface World {
  readonly jobs: ShippedJobs;
  readonly clock: FakeClock;
  readonly proxy: PostgresProxy;
  /** From now on: these outages. */
  plan(outages: Outages): void;
  /** Outages that have not happened. */
  left(): number;
}

/** Jobs whose data lies behind a proxy. Calls are commits, reads of rows, and what is done to teams. */
async function startBehindProxy(t: TestContext): Promise<World> {
  const proxy = await openPostgresProxy(t, postgres.url);
  const stored = await openPostgresData({ ...postgres, url: proxy.url });
  const planned = new Map<number, (proxy: PostgresProxy) => void>();
  let calls = 0;
  const call = () => {
    calls += 1;
    planned.get(calls)?.(proxy);
    planned.delete(calls);
  };
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const data = beforeCalls(stored.data, call);
  const jobs = await startShippedJobs(t, { clock, openData: async () => ({ ...stored, data }) });
  return {
    jobs,
    clock,
    proxy,
    plan(outages) {
      calls = 0;
      for (const [number, outage] of Object.entries(outages)) planned.set(Number(number), outage);
    },
    left: () => planned.size,
  };
}

function beforeCalls({ target, reader, teams, ...data }: DataStore, call: () => void): DataStore {
  return {
    ...data,
    target: {
      enter: target.enter,
      commit(...args) {
        call();
        return target.commit(...args);
      },
    },
    reader: {
      picture: reader.picture,
      rows(...args) {
        const source = reader.rows(...args);
        return {
          ...source,
          async *entries(...place) {
            for await (const group of source.entries(...place)) {
              call();
              yield group;
            }
          },
        };
      },
    },
    teams: {
      teams: teams.teams,
      create(...args) {
        call();
        return teams.create(...args);
      },
      remove(...args) {
        call();
        return teams.remove(...args);
      },
    },
  };
}

/** Waits for the job's end. Whenever it has put itself off, the database comes back, and then its time. */
async function untilFinal({ jobs, clock, proxy, left }: World, id: string): Promise<Job> {
  const { manager } = jobs.pawl;
  const ended = async () => {
    const job = await manager.get(id);
    if (job?.state === "queued" && Date.parse(job.availableAt) > clock.now()) {
      proxy.heal();
      clock.advance(1_000);
    }
    return job?.finishedAt ? job : null;
  };
  const job = await waitFor(ended, { what: `the end of job ${id}` });
  assert.equal(left(), 0);
  assert.deepEqual([job.attempt, job.crashCount], [1, 0], JSON.stringify(job.error));
  return job;
}

/** How often the job has put itself off. */
async function timesPutOff({ jobs }: World, id: string): Promise<number> {
  const history = await jobs.pawl.manager.history(id);
  return history.filter(({ kind, data }) => kind === "halt" && JSON.stringify(data).includes("try_again_later")).length;
}

test("an import goes on where it was, and so does its rollback", { skip }, async (t) => {
  const world = await startBehindProxy(t);
  const { jobs, plan } = world;
  const file = await jobs.upload(people(9_000));
  // The first commit enters the import, the last one finishes it.
  plan({ 1: deafness, 3: away, 6: deafness, 11: away });
  const { id } = await jobs.submit("csv-import", { file, dataset: "people" });
  const job = await untilFinal(world, id);
  assert.deepEqual([job.state, job.output], ["succeeded", { rows: 9_000, rejected: 0 }], JSON.stringify(job.error));
  assert.ok((await timesPutOff(world, id)) >= 4);
  assert.deepEqual(await jobs.rowsOf("people"), persons(9_000));
  plan({ 1: away, 2: deafness, 4: deafness });
  await jobs.pawl.manager.rollback(id);
  assert.equal((await untilFinal(world, id)).state, "rolled_back");
  assert.deepEqual(await jobs.data.catalog.list(), []);
});

test("an export goes on where it was, and the file is the same", { skip }, async (t) => {
  const world = await startBehindProxy(t);
  const { jobs, plan } = world;
  await jobs.importCsv(people(5_000), { dataset: "people" });
  const calm = await jobs.run("data-export", { dataset: "people" });
  plan({ 2: away, 4: away });
  const { id } = await jobs.submit("data-export", { dataset: "people" });
  const job = await untilFinal(world, id);
  assert.deepEqual([job.state, job.output], ["succeeded", calm.output], JSON.stringify(job.error));
  assert.equal(await jobs.artifactText(id, "export.csv"), await jobs.artifactText(calm.id, "export.csv"));
});

test("each team is made once, and undone", { skip }, async (t) => {
  const world = await startBehindProxy(t);
  const { jobs, plan } = world;
  const rows = Array.from({ length: 120 }, (_, index) => `team ${index}`);
  const file = await jobs.upload(`name\n${rows.join("\n")}\n`);
  plan({ 1: away, 50: away, 110: away });
  const { id } = await jobs.submit("bulk-teams", { file });
  const job = await untilFinal(world, id);
  assert.deepEqual([job.state, job.output], ["succeeded", { created: 120 }], JSON.stringify(job.error));
  const teams = await jobs.data.teams.teams({ limit: 1_000, after: null });
  assert.deepEqual(
    teams.map(({ name }) => name),
    rows,
  );
  plan({ 1: away, 50: away });
  await jobs.pawl.manager.rollback(id);
  assert.equal((await untilFinal(world, id)).state, "rolled_back");
  assert.deepEqual(await jobs.data.teams.teams({ limit: 1, after: null }), []);
});
