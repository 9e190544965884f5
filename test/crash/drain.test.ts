import assert from "node:assert/strict";
import type { JobSummary } from "../../src/domain/job.ts";
import type { Page } from "../../src/domain/job-control.ts";
import { createHttpClient, type HttpClient } from "../support/http-client.ts";
import { startServer } from "../support/server-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { testOnEach } from "./on-each-database.ts";

const JOBS = 200;
const DRAIN_MS = 10_000;

testOnEach(
  "SIGTERM with 200 running jobs ends within drainMs, and all 200 go on after a restart, no attempt consumed",
  async ({ place }) => {
    const env = { PAWL_CONCURRENCY: "250", PAWL_DRAIN_MS: String(DRAIN_MS) };
    const options = { ...place.server, env };
    const first = await startServer(options);
    const client = createHttpClient(first.url);
    const submitted = await Promise.all(
      Array.from({ length: JOBS }, () => client.submit({ type: "ticker", input: { intervalMs: 50 } })),
    );
    await untilAllRun(client);

    const asked = performance.now();
    assert.deepEqual(await first.kill("SIGTERM"), { code: 0, signal: null });
    assert.ok(performance.now() - asked < DRAIN_MS);

    const second = await startServer(options);
    const running = await untilAllRun(createHttpClient(second.url));
    assert.deepEqual(running.map(({ id }) => id).sort(), submitted.map(({ id }) => id).sort());
    assert.deepEqual([...new Set(running.map(({ attempt, crashCount }) => `${attempt} ${crashCount}`))], ["1 0"]);
    await checkHistories(
      createHttpClient(second.url),
      submitted.map(({ id }) => id),
    );
    await second.stop();
  },
  { kills: false },
);

function untilAllRun(client: HttpClient): Promise<readonly JobSummary[]> {
  return waitFor(
    async () => {
      const { body } = await client.call<Page<JobSummary>>("GET", "/api/v1/jobs?state=running&limit=200");
      return body.items.length === JOBS && body.items;
    },
    { what: `${JOBS} running jobs` },
  );
}

/** Each was halted by the drain and claimed again: none of them was lost. */
async function checkHistories(client: HttpClient, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const kinds = (await client.history(id)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["submit", "claim", "halt", "claim"]);
  }
}
