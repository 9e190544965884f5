// graphile-worker: one job a slot by default; with a local queue it locks jobs ahead, and may say later which are done.
import { inFlight } from "../bench-manager.ts";
import { seconds } from "../measure.ts";
import { untilDone, withSchema } from "../postgres.ts";
import { loadPeer, VERSIONS } from "./install.ts";
import { type Peer, POOL_SIZE } from "./peer.ts";

interface Utils {
  migrate(): Promise<void>;
  addJob(task: string, payload: object): Promise<unknown>;
  addJobs(jobs: readonly object[]): Promise<unknown>;
  release(): Promise<void>;
}

interface Runner {
  stop(): Promise<void>;
}

interface GraphileExports {
  readonly Logger: new (factory: () => () => void) => object;
  makeWorkerUtils(options: object): Promise<Utils>;
  run(options: object): Promise<Runner>;
}

const TASK = "noop";
const BATCH = 1_000;
const NAME = `graphile-worker ${VERSIONS["graphile-worker"]}`;

interface Started {
  readonly utils: Utils;
  readonly schema: string;
  /** Starts to run jobs. */
  work(settings: object, onStart: () => void): Promise<void>;
}

const withGraphile = <T>(use: (started: Started) => Promise<T>): Promise<T> =>
  withSchema(async ({ url, schema }) => {
    const { Logger, makeWorkerUtils, run } = await loadPeer<GraphileExports>("graphile-worker");
    const shared = { connectionString: url, schema, maxPoolSize: POOL_SIZE, logger: new Logger(() => () => {}) };
    const utils = await makeWorkerUtils(shared);
    let runner: Runner | null = null;
    try {
      await utils.migrate();
      return await use({
        utils,
        schema,
        async work({ concurrency, ...worker }: { readonly concurrency?: number }, onStart) {
          runner = await run({
            ...shared,
            concurrency: concurrency ?? POOL_SIZE,
            noHandleSignals: true,
            taskList: { [TASK]: async () => onStart() },
            preset: { worker },
          });
        },
      });
    } finally {
      await (runner as Runner | null)?.stop();
      await utils.release();
    }
  });

const specs = (count: number) => Array.from({ length: count }, (_, n) => ({ identifier: TASK, payload: { n } }));

const drain = (settings: object) => (count: number) =>
  withGraphile(async ({ utils, schema, work }) => {
    for (let done = 0; done < count; done += BATCH) await utils.addJobs(specs(Math.min(BATCH, count - done)));
    let startedAt = 0;
    let left = count;
    const { promise: all, resolve } = Promise.withResolvers<void>();
    await work(settings, () => {
      startedAt ||= performance.now();
      left -= 1;
      if (left === 0) resolve();
    });
    await all;
    await untilDone(`SELECT NOT EXISTS (SELECT 1 FROM ${schema}._private_jobs) AS done`);
    return (count * 1_000) / (performance.now() - startedAt);
  });

export const graphileWorker: Peer = {
  name: NAME,
  submitEach: (count, parallel) =>
    withGraphile(
      async ({ utils }) => count / (await seconds(() => inFlight(count, parallel, (n) => utils.addJob(TASK, { n })))),
    ),
  submitTogether: (count, size) =>
    withGraphile(async ({ utils }) => {
      const time = await seconds(async () => {
        for (let done = 0; done < count; done += size) await utils.addJobs(specs(size));
      });
      return count / time;
    }),
  drains: [
    { name: `${NAME}, settled first`, drain: drain({ concurrency: 24 }) },
    {
      name: `${NAME}, settled later`,
      drain: drain({ concurrency: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0 }),
    },
  ],
  startName: NAME,
  startMs: (times) =>
    withGraphile(async ({ utils, work }) => {
      let onStart = () => {};
      await work({}, () => onStart());
      const starts: number[] = [];
      for (let n = 0; n < times; n += 1) {
        const started = new Promise<void>((resolve) => {
          onStart = resolve;
        });
        const before = performance.now();
        await utils.addJob(TASK, { n });
        await started;
        starts.push(performance.now() - before);
      }
      return starts;
    }),
};
