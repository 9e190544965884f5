// SIGTERM while a worker pool has a long queue: nothing of the queue is run to get rid of it, and nothing of it is lost.
import assert from "node:assert/strict";
import { createHttpClient, type HttpClient } from "../support/http-client.ts";
import { startServer } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { testOnEach } from "./on-each-database.ts";

const JOBS = 300;
/** The queue alone would take a minute and a half of its workers. */
const DELAY_MS = 1_000;
const DRAIN_MS = 10_000;

interface Pooled {
  readonly id: string;
  readonly payload: string;
  readonly status: string;
  readonly result?: string;
}

testOnEach(
  `SIGTERM with ${JOBS} jobs in the worker pool ends within drainMs, and all of them are done after a restart`,
  async ({ place }) => {
    const slow = {
      PAWL_REVERSE_DELAY_MS: String(DELAY_MS),
      PAWL_REVERSE_WORKERS: "3",
      PAWL_DRAIN_MS: String(DRAIN_MS),
    };
    const first = await startServer({ ...place.server, env: slow });
    const client = createHttpClient(first.url);
    const answers = await Promise.all(
      Array.from({ length: JOBS }, (_, index) => client.call<Pooled>("POST", "/jobs", { payload: `job ${index}` })),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    const ids = answers.map(({ body }) => body.id);
    await listed(client, (jobs) => jobs.filter(({ status }) => status === "processing").length === 3);

    const asked = performance.now();
    assert.deepEqual(await first.kill("SIGTERM"), { code: 0, signal: null });
    assert.ok(performance.now() - asked < DRAIN_MS);
    assert.doesNotMatch(first.stderr(), /panic|unhandled|error/i);

    const quick = { PAWL_REVERSE_DELAY_MS: "0", PAWL_REVERSE_WORKERS: "100" };
    const second = await startServer({ ...place.server, env: quick });
    const jobs = await listed(createHttpClient(second.url), (all) => all.every(({ status }) => status === "completed"));
    assert.deepEqual(jobs.map(({ id }) => id).sort(), ids.toSorted());
    for (const { payload, result } of jobs) assert.equal(result, [...payload].reverse().join(""));
    await second.stop();
  },
  { kills: false },
);

function listed(client: HttpClient, isReached: (jobs: readonly Pooled[]) => boolean): Promise<readonly Pooled[]> {
  return waitFor(
    async () => {
      const { body } = await client.call<readonly Pooled[]>("GET", "/jobs");
      return isReached(body) && body;
    },
    { what: "the jobs of the worker pool" },
  );
}
