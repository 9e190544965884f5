// A schedule every second over twenty seconds of real time, with a server that is killed three times in between.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { JobSummary } from "../../src/domain/job.ts";
import type { Page } from "../../src/domain/job-control.ts";
import type { Schedule } from "../../src/domain/schedule.ts";
import type { HttpClient } from "../support/http-client.ts";
import { startKillable } from "../support/kill-rounds.ts";
import { randomFor } from "../support/random.ts";
import { waitFor } from "../support/wait-for.ts";
import { testOnEach } from "./on-each-database.ts";

const SECONDS = 20;
const KILLS = 3;
const PLACE = "/api/v1/schedules/each-second";

testOnEach(
  "with missed all, a schedule every second fires each time exactly once, through three kill -9",
  async ({ place }, t) => {
    const random = randomFor(t);
    let server = await startKillable(place.server);
    const { status, body } = await server.client.call<Schedule>("POST", "/api/v1/schedules", {
      name: "each-second",
      cron: "* * * * * *",
      type: "ticker",
      input: { times: 1 },
      missed: "all",
      overlap: "queue",
    });
    assert.equal(status, 201, JSON.stringify(body));
    const first = Date.parse(body.nextAt ?? "");
    const last = first + (SECONDS - 1) * 1_000;

    for (let kill = 0; kill < KILLS; kill++) {
      // Any moment of a quarter of the time: between two firings, in the middle of one, while it makes up for others.
      await sleep(random.between(2_000, 5_000));
      await server.process.kill("SIGKILL");
      await sleep(random.between(0, 2_500));
      server = await startKillable(place.server);
    }

    const jobs = await untilPast(server.client, last);
    const due = jobs.map(({ labels }) => Date.parse(labels.fireAt ?? ""));
    const expected = Array.from({ length: SECONDS }, (_, index) => first + index * 1_000);
    assert.deepEqual(due.slice(0, SECONDS), expected);
    assert.deepEqual([...new Set(jobs.slice(0, SECONDS).map(({ state }) => state))], ["succeeded"]);
    await server.process.stop();
  },
);

/** The schedule's jobs, oldest first, once all that were due until `last` are there and have ended. */
function untilPast(client: HttpClient, last: number): Promise<readonly JobSummary[]> {
  return waitFor(
    async () => {
      const { body: schedule } = await client.call<Schedule>("GET", PLACE);
      if (Date.parse(schedule.nextAt ?? "") <= last + 1_000) return false;
      const query = "label=schedule:each-second&order=oldest&limit=200";
      const { body: page } = await client.call<Page<JobSummary>>("GET", `/api/v1/jobs?${query}`);
      return page.items;
    },
    { what: `the firings until ${new Date(last).toISOString()}`, withinMs: 300_000, everyMs: 200 },
  );
}
