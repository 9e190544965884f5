// Live streams: what is told, how often, to whom, and how a reader who was away catches up.
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import type { LogLineView } from "../../src/api/records.ts";
import { jobsFrameSchema, logFrameSchema } from "../../src/api/stream-operations.ts";
import type { JobSummary } from "../../src/domain/job.ts";
import type { State } from "../../src/domain/lifecycle.ts";
import type { HttpServerOptions } from "../../src/http/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { readEvents } from "./event-reader.ts";
import { assertProblem, createManualClock, serverFor, type TestServer } from "./support.ts";

interface JobsFrame {
  readonly items: readonly JobSummary[];
  readonly removed: readonly string[];
}

interface LogFrame {
  readonly jobId: string;
  readonly items: readonly LogLineView[];
}

const ALL = "/api/v1/events/stream";

/** A server whose streams move only when the test lets time pass. */
async function slowServer(t: TestContext, options: Partial<HttpServerOptions> = {}) {
  const clock = createManualClock();
  const http = await serverFor(t, { clock, ...options });
  return { ...http, clock };
}

/**
 * Hears from now on what streams are told. Answers a function that waits until that was said of all these jobs: who reads
 * their state may know it sooner.
 */
function hear({ pawl }: TestServer, state: State): (ids: readonly string[]) => Promise<unknown> {
  const told = new Set<string>();
  pawl.store.notifier.subscribe((notice) => {
    if (notice.kind !== "changed") return;
    for (const job of notice.jobs) if (job.state === state) told.add(job.id);
  });
  return (ids) => waitFor(async () => ids.every((id) => told.has(id)), { what: `the streams to be told: ${state}` });
}

test("a stream is an event stream that nobody stores or guesses at", async (t) => {
  const { url } = await serverFor(t);
  const stream = await readEvents(t, url + ALL);
  assert.equal(stream.status, 200);
  assert.match(stream.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.equal(stream.headers.get("cache-control"), "no-store");
  assert.equal(stream.headers.get("x-content-type-options"), "nosniff");
});

test("a new stream says resync, then tells every change as a summary", async (t) => {
  const { url, submit, manager } = await serverFor(t);
  const stream = await readEvents(t, url + ALL);
  const first = await stream.next();
  assert.deepEqual([first?.event, first?.data], ["resync", {}]);
  const { id } = await submit("hold", { secret: 1 });
  let job: JobSummary | undefined;
  while (job?.state !== "running") {
    const frame = await stream.nextOf<JobsFrame>("jobs");
    jobsFrameSchema.parse(frame.data);
    job = frame.data.items.find((item) => item.id === id) ?? job;
  }
  assert.equal(Object.hasOwn(job, "input"), false);
  await manager.pause(id);
  while (job?.state !== "paused") job = (await stream.nextOf<JobsFrame>("jobs")).data.items[0];
});

test("changes within 250 ms come as one frame, each job once", async (t) => {
  const http = await slowServer(t);
  const { url, submit, clock } = http;
  const stream = await readEvents(t, url + ALL);
  await stream.nextOf("resync");
  const untilTold = hear(http, "succeeded");
  const ids: string[] = [];
  for (let number = 0; number < 20; number += 1) ids.push((await submit("echo")).id);
  await untilTold(ids);
  clock.advance(0);
  const frame = await stream.nextOf<JobsFrame>("jobs");
  assert.deepEqual(frame.data.items.map((job) => job.id).sort(), ids.sort());
  assert.ok(frame.data.items.every((job) => job.state === "succeeded"));
});

test("a stream that is resumed replays what it missed", async (t) => {
  const { url, submit, manager } = await serverFor(t);
  const stream = await readEvents(t, url + ALL);
  const { id: lastSeen } = await stream.nextOf("resync");
  stream.close();
  const missed = await submit("echo");
  await manager.waitUntil(missed.id, "succeeded");
  const resumed = await readEvents(t, url + ALL, { "last-event-id": lastSeen });
  const frame = await resumed.nextOf<JobsFrame>("jobs");
  assert.deepEqual(
    frame.data.items.map((job) => [job.id, job.state]),
    [[missed.id, "succeeded"]],
  );
});

test("an id of another process, of the future, or of nobody is answered with resync", async (t) => {
  const { url } = await serverFor(t);
  const own = (await (await readEvents(t, url + ALL)).nextOf("resync")).id;
  const future = own.replace(/\d+$/, "999999");
  for (const id of ["deadbeef-0", future, "x", "-", "' OR 1=1", own.replace("-", "_")]) {
    const stream = await readEvents(t, url + ALL, { "last-event-id": id });
    assert.equal((await stream.next())?.event, "resync", id);
  }
});

test("a stream is filtered as the list, and tells which jobs leave the filter", async (t) => {
  const http = await slowServer(t);
  const { url, submit, manager, clock } = http;
  const running = await readEvents(t, `${url}${ALL}?state=running&queue=mine&label=team:a`);
  await running.nextOf("resync");
  const untilTold = hear(http, "running");
  const others = [
    await submit("hold", {}, { queue: "other", labels: { team: "a" } }),
    await submit("hold", {}, { queue: "mine", labels: { team: "b" } }),
  ];
  const { id } = await submit("hold", {}, { queue: "mine", labels: { team: "a" } });
  await untilTold([id, ...others.map((other) => other.id)]);
  clock.advance(250);
  const shown = await running.nextOf<JobsFrame>("jobs");
  assert.deepEqual([shown.data.items.map((job) => job.id), shown.data.removed], [[id], []]);
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  let gone = false;
  const leaving = nextRemoved(running.nextOf<JobsFrame>, id).then(() => {
    gone = true;
  });
  await waitFor(
    async () => {
      clock.advance(250);
      return gone;
    },
    { what: "the job to leave the filter" },
  );
  await leaving;
});

async function nextRemoved(
  nextOf: (event: string) => Promise<{ readonly data: JobsFrame }>,
  id: string,
): Promise<void> {
  for (;;) if ((await nextOf("jobs")).data.removed.includes(id)) return;
}

test("a deleted job is told as removed", async (t) => {
  const { url, submit, manager } = await serverFor(t);
  const { id } = await submit("echo");
  await manager.waitUntil(id, "succeeded");
  const stream = await readEvents(t, url + ALL);
  await stream.nextOf("resync");
  await manager.remove(id);
  await nextRemoved(stream.nextOf<JobsFrame>, id);
});

test("the stream of one job begins with the job as it is and the log that the reader lacks", async (t) => {
  const { url, submit, manager } = await serverFor(t);
  const { id } = await submit("scribe", { lines: 450, file: "a.csv" });
  await manager.waitUntil(id, "succeeded");
  await waitFor(async () => (await manager.logs(id)).length === 450, { what: "the log" });
  const stream = await readEvents(t, `${url}/api/v1/jobs/${id}/stream?after=2`);
  const seen: number[] = [];
  let job: JobSummary | undefined;
  let lastId = "";
  while (seen.length < 448 || !job) {
    const frame = await stream.next();
    lastId = frame?.id ?? "";
    if (frame?.event === "log") {
      logFrameSchema.parse(frame.data);
      seen.push(...(frame.data as LogFrame).items.map((line) => line.seq));
    }
    if (frame?.event === "jobs") job = (frame.data as JobsFrame).items[0];
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 448 }, (_, index) => index + 3),
  );
  assert.equal(job.state, "succeeded");

  const resumed = await readEvents(t, `${url}/api/v1/jobs/${id}/stream`, { "last-event-id": lastId });
  const first = await resumed.next();
  assert.equal(first?.event, "jobs", "the log is not sent again");
});

test("the stream of one job tells its log as it is written, and ends when the job is deleted", async (t) => {
  const { url, submit, manager } = await serverFor(t);
  const { id } = await submit("scribe", { lines: 3, file: "a.csv" }, { availableAt: "2999-01-01T00:00:00Z" });
  const stream = await readEvents(t, `${url}/api/v1/jobs/${id}/stream`);
  assert.equal((await stream.nextOf<JobsFrame>("jobs")).data.items[0]?.state, "queued");
  await manager.cancel(id);
  let state: string | undefined;
  while (state !== "cancelled") state = (await stream.nextOf<JobsFrame>("jobs")).data.items[0]?.state;
  await manager.remove(id);
  assert.deepEqual((await stream.nextOf<JobsFrame>("jobs")).data.removed, [id]);
  assert.equal(await stream.next(), null);
});

test("a comment comes every 15 seconds", async (t) => {
  const { url, clock } = await slowServer(t);
  const stream = await readEvents(t, url + ALL);
  assert.equal(await stream.comment(), ": open");
  clock.advance(15_000);
  assert.equal(await stream.comment(), ": ");
  clock.advance(15_000);
  assert.equal(await stream.comment(), ": ");
});

test("no more streams are opened than the limit, and a closed one makes room", async (t) => {
  const { url, call, submit } = await serverFor(t, { maxStreams: 2 });
  const { id } = await submit("hold");
  const first = await readEvents(t, url + ALL);
  await readEvents(t, `${url}/api/v1/jobs/${id}/stream`);
  assertProblem(await call("GET", ALL), 429, "too_many_streams");
  assertProblem(await call("GET", `/api/v1/jobs/${id}/stream`), 429, "too_many_streams");
  first.close();
  await waitFor(async () => (await readEvents(t, url + ALL)).status === 200, { what: "room for a stream" });
});

test("a query that a stream does not know is refused", async (t) => {
  const { call, submit } = await serverFor(t);
  const { id } = await submit("echo");
  assertProblem(await call("GET", `${ALL}?limit=5`), 400, "invalid_request");
  assertProblem(await call("GET", `/api/v1/jobs/${id}/stream?after=-1`), 400, "invalid_request");
});

test("a reader who reads nothing is let go, and the others are not kept waiting", async (t) => {
  const { url, submit, manager, server, clock } = await slowServer(t);
  const labels = Object.fromEntries(Array.from({ length: 32 }, (_, number) => [`l${number}`, "x".repeat(256)]));
  const later = { labels, availableAt: "2999-01-01T00:00:00Z" };
  const jobs = await Promise.all(Array.from({ length: 400 }, () => submit("echo", {}, later)));

  const idle = connect({ port: Number(new URL(url).port), host: "127.0.0.1" });
  t.after(() => idle.destroy());
  idle.on("error", () => {});
  const opened = new Promise<IncomingMessage>((resolve) => server.app.server.once("request", resolve));
  idle.write(`GET ${ALL} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const { socket } = await opened;
  const reader = await readEvents(t, url + ALL);
  await reader.nextOf("resync");
  let paused = false;
  await waitFor(
    async () => {
      paused = !paused;
      await Promise.all(jobs.map(({ id }) => (paused ? manager.pause(id) : manager.resume(id))));
      const told = reader.nextOf<JobsFrame>("jobs");
      clock.advance(15_000);
      await told;
      return socket.closed;
    },
    { what: "the idle reader to be let go" },
  );
});

test("streams end when the server closes", async (t) => {
  const { url, server, submit } = await serverFor(t);
  const { id } = await submit("hold");
  const streams = [await readEvents(t, url + ALL), await readEvents(t, `${url}/api/v1/jobs/${id}/stream`)];
  await server.close();
  for (const stream of streams) {
    let frame = await stream.next();
    while (frame) frame = await stream.next();
  }
});
