// pg-boss: polls, and listens where a queue says so; a worker may take an array of jobs, which is settled as one.
import { inFlight } from "../bench-manager.ts";
import { seconds } from "../measure.ts";
import { untilDone, withSchema } from "../postgres.ts";
import { loadPeer, VERSIONS } from "./install.ts";
import { type Peer, POOL_SIZE } from "./peer.ts";

interface Boss {
  start(): Promise<unknown>;
  stop(options: object): Promise<void>;
  createQueue(name: string, options?: object): Promise<void>;
  send(name: string, data: object): Promise<unknown>;
  insert(name: string, jobs: readonly object[]): Promise<unknown>;
  work(name: string, options: object, handler: (jobs: readonly { readonly data: object }[]) => Promise<void>): unknown;
  on(event: "error", listener: (error: unknown) => void): void;
}

interface PgBossExports {
  readonly PgBoss: new (options: object) => Boss;
}

const QUEUE = "noop";
const BATCH = 500;
const NAME = `pg-boss ${VERSIONS["pg-boss"]}`;

const withBoss = <T>(use: (boss: Boss, schema: string) => Promise<T>, queue: object = {}): Promise<T> =>
  withSchema(async ({ url, schema }) => {
    const { PgBoss } = await loadPeer<PgBossExports>("pg-boss");
    const boss = new PgBoss({ connectionString: url, schema, max: POOL_SIZE, useListenNotify: true });
    boss.on("error", (error) => console.error(error));
    await boss.start();
    try {
      await boss.createQueue(QUEUE, queue);
      return await use(boss, schema);
    } finally {
      await boss.stop({ graceful: false, close: true });
    }
  });

const jobs = (count: number) => Array.from({ length: count }, (_, n) => ({ data: { n } }));

/** With the widest arrays, and without a pause between them. */
const drain = (count: number) =>
  withBoss(async (boss, schema) => {
    for (let done = 0; done < count; done += BATCH) await boss.insert(QUEUE, jobs(Math.min(BATCH, count - done)));
    let startedAt = 0;
    let left = count;
    const { promise: all, resolve } = Promise.withResolvers<void>();
    boss.work(
      QUEUE,
      { batchSize: BATCH, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, localConcurrency: 2 },
      async (batch) => {
        startedAt ||= performance.now();
        left -= batch.length;
        if (left === 0) resolve();
      },
    );
    await all;
    await untilDone(`SELECT NOT EXISTS (SELECT 1 FROM ${schema}.job WHERE state < 'completed') AS done`);
    return (count * 1_000) / (performance.now() - startedAt);
  });

export const pgBoss: Peer = {
  name: NAME,
  submitEach: (count, parallel) =>
    withBoss(async (boss) => count / (await seconds(() => inFlight(count, parallel, (n) => boss.send(QUEUE, { n }))))),
  submitTogether: (count, size) =>
    withBoss(async (boss) => {
      const time = await seconds(async () => {
        for (let done = 0; done < count; done += size) await boss.insert(QUEUE, jobs(size));
      });
      return count / time;
    }),
  drains: [{ name: `${NAME}, arrays`, drain }],
  startName: `${NAME}, notified`,
  startMs: (times) =>
    withBoss(
      async (boss) => {
        let onStart = () => {};
        boss.work(QUEUE, {}, async () => onStart());
        const starts: number[] = [];
        for (let n = 0; n < times; n += 1) {
          const started = new Promise<void>((resolve) => {
            onStart = resolve;
          });
          const before = performance.now();
          await boss.send(QUEUE, { n });
          await started;
          starts.push(performance.now() - before);
        }
        return starts;
      },
      { notify: true },
    ),
};
