// Live events over connections that break: nothing is lost, nothing is told twice, and whoever has had enough leaves no
// connection behind.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import path from "node:path";
import { type TestContext, test } from "node:test";
import {
  type Connection,
  createClient,
  type JobEvent,
  type JobsEvent,
  type LogLine,
  PawlError,
} from "../../src/client/index.ts";
import type { HttpServerOptions } from "../../src/http/index.ts";
import { createManualClock, serverFor } from "../http/support.ts";
import { openHttpProxy } from "../support/http-proxy.ts";
import { startServer, startServerAt } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";
import { hastyClock } from "./hasty-clock.ts";

const LATER = "2100-01-01T00:00:00.000Z";
/** Only ends a test that waits for what never comes. */
const HANG = { timeout: 120_000 };

/** Takes one event after the other, as a test asks for them. */
function reader<T extends { readonly kind: string }>(events: AsyncIterable<T>) {
  const iterator = events[Symbol.asyncIterator]();
  const next = async (): Promise<T> => {
    const { value, done } = await iterator.next();
    assert.ok(!done, "the events have ended");
    return value;
  };
  return {
    next,
    /** The next event of this kind, and what came before it. */
    async until<K extends T["kind"]>(kind: K) {
      const before: T[] = [];
      for (;;) {
        const event = await next();
        if (isOf(event, kind)) return { event, before };
        before.push(event);
      }
    },
    leave: async () => void (await iterator.return?.()),
  };
}

const isOf = <T extends { readonly kind: string }, K extends T["kind"]>(
  event: T,
  kind: K,
): event is Extract<T, { readonly kind: K }> => event.kind === kind;

async function refusalOf(events: AsyncIterable<unknown>): Promise<PawlError> {
  try {
    for await (const _ of events);
  } catch (error) {
    assert.ok(error instanceof PawlError, String(error));
    return error;
  }
  return assert.fail("the events have ended by themselves");
}

async function proxied(t: TestContext, options: Partial<HttpServerOptions> = {}) {
  const http = await serverFor(t, options);
  const proxy = await openHttpProxy(t, http.url);
  const stop = new AbortController();
  t.after(() => stop.abort());
  return { ...http, proxy, client: createClient({ url: proxy.url, clock: hastyClock }), stop: stop.signal };
}

test("one job is followed to its end: its log is complete before its last state", HANG, async (t) => {
  const { client, manager } = await proxied(t);
  const { id } = await client.submit({ type: "scribe", input: { lines: 700, file: "f.csv" } });
  const events: JobEvent[] = [];
  for await (const event of client.follow(id)) events.push(event);
  const last = events.at(-1);
  assert.ok(last?.kind === "job" && last.job.state === "succeeded");
  const lines = events.flatMap((event) => (event.kind === "log" ? event.lines : []));
  assert.deepEqual(lines, await manager.logs(id));
  assert.equal(lines.length, 700);
  const known: LogLine[] = [];
  for await (const line of client.followLog(id, { after: 698 })) known.push(line);
  assert.deepEqual(known, lines.slice(698));
});

test("a final job is followed on where that is asked, until it is deleted", HANG, async (t) => {
  const { client, stop } = await proxied(t);
  const { id } = await client.submit({ type: "fail", input: {} });
  await client.waitUntil(id, "failed");
  const events = reader(client.follow(id, { until: "removed", signal: stop }));
  assert.equal((await events.until("job")).event.job.state, "failed");
  await client.retry(id);
  for (let state = ""; state !== "failed"; ) {
    const { job } = (await events.until("job")).event;
    state = job.control?.action === "retry" ? job.state : "";
  }
  await client.remove(id);
  const { before } = await events.until("removed");
  assert.deepEqual(before, []);
  await assert.rejects(events.next(), /have ended/);
});

test("all jobs are followed by the list's filter, beginning with the call to read the list", HANG, async (t) => {
  const { client, stop } = await proxied(t);
  const filter = { queue: ["a"], state: ["queued" as const] };
  const events = reader(client.followAll(filter, { signal: stop }));
  assert.deepEqual(await events.next(), { kind: "resync" });
  await client.submit({ type: "echo", input: {}, queue: "b", availableAt: LATER });
  const { id } = await client.submit({ type: "echo", input: {}, queue: "a", availableAt: LATER });
  const { event } = await events.until("jobs");
  assert.deepEqual(event.items, (await client.list(filter)).items);
  await client.cancel(id);
  assert.deepEqual(await events.next(), { kind: "jobs", items: [], removed: [id] });
});

test("what happens while the connection is broken is told after it, and nothing twice", HANG, async (t) => {
  const { client, manager, proxy, stop } = await proxied(t);
  const connections: Connection["state"][] = [];
  const onConnection = ({ state }: Connection) => void connections.push(state);
  const events = reader(client.followAll({}, { signal: stop, onConnection }));
  await events.until("resync");
  const told: string[] = [];
  const expected: string[] = [];
  const submit = async () => {
    expected.push((await manager.submit({ type: "echo", input: {}, availableAt: LATER })).id);
  };
  for (let round = 0; round < 4; round += 1) {
    await submit();
    while (told.length < expected.length) take(told, await events.next());
    proxy.cut();
    await submit();
    await submit();
    proxy.heal();
  }
  while (told.length < expected.length) take(told, await events.next());
  assert.deepEqual(told, expected);
  // On a slow machine it tries while the line is still cut, too.
  assert.match(connections.join(" "), /^connecting open (?:waiting connecting )+open /);
});

/** Notes the jobs that an event tells. There is nothing to read again: the server knows all that was missed. */
function take(told: string[], event: JobsEvent): void {
  assert.equal(event.kind, "jobs");
  if (event.kind === "jobs") told.push(...event.items.map(({ id }) => id));
}

test("a log that comes in pieces over many connections has each line once", HANG, async (t) => {
  const { client, manager, proxy } = await proxied(t);
  const { id } = await client.submit({ type: "scribe", input: { lines: 1_000, file: "f.csv" } });
  await client.waitUntil(id, "final");
  // Less than the log, more than a frame of it: each connection breaks in the middle of one.
  proxy.cutAfter(40_000);
  const connections: string[] = [];
  const lines: LogLine[] = [];
  const onConnection = ({ state }: Connection) => void connections.push(state);
  for await (const event of client.follow(id, { onConnection })) {
    if (event.kind === "log") lines.push(...event.lines);
  }
  assert.deepEqual(lines, await manager.logs(id));
  assert.ok(connections.filter((state) => state === "waiting").length >= 2, connections.join());
});

test("a job that has not changed is not told again after a broken connection", HANG, async (t) => {
  const { client, manager, proxy, stop } = await proxied(t);
  const { id } = await manager.submit({ type: "echo", input: {}, availableAt: LATER });
  const states: string[] = [];
  const onConnection = ({ state }: Connection) => void states.push(state);
  const events = reader(client.follow(id, { signal: stop, onConnection }));
  await events.next();
  const next = events.next();
  proxy.cut();
  proxy.heal();
  await waitFor(async () => states.filter((state) => state === "open").length === 2, { what: "another connection" });
  await manager.edit(id, { priority: 3 });
  const event = await next;
  assert.ok(event.kind === "job" && event.job.priority === 3);
});

test("a reader who is told of the end before the last lines reads them first", HANG, async (t) => {
  const line = (seq: number) => ({ seq, at: "2026-01-01T00:00:00.000Z", level: "info", message: `${seq}`, fields: {} });
  const frame = (event: string, data: object) => `id: b-1.1\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  const server = createServer((request, response) => {
    if (request.url?.endsWith("/stream?after=0")) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(frame("log", { jobId: "j", items: [line(1)] }));
      response.write(frame("jobs", { items: [{ id: "j", state: "failed" }], removed: [] }));
      return;
    }
    const after = Number(new URL(request.url ?? "", "http://localhost").searchParams.get("after"));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ items: after < 3 ? [line(after + 1)] : [], nextAfter: null }));
  }).listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const told: (string | number)[] = [];
  for await (const event of createClient({ url: `http://127.0.0.1:${address.port}` }).follow("j")) {
    if (event.kind === "log") told.push(...event.lines.map(({ seq }) => seq));
    if (event.kind === "job") told.push(event.job.state);
  }
  assert.deepEqual(told, [1, 2, 3, "failed"]);
});

test("a connection that says nothing for 40 seconds is given up", HANG, async (t) => {
  const { url, manager } = await serverFor(t);
  const proxy = await openHttpProxy(t, url);
  const clock = createManualClock();
  const client = createClient({ url: proxy.url, clock });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const states: Connection[] = [];
  const events = reader(client.followAll({}, { signal: stop.signal, onConnection: (now) => void states.push(now) }));
  await events.until("resync");
  const next = events.next();
  // The read is under way when its timer is: a microtask after it was asked for.
  await new Promise((resolve) => setImmediate(resolve));
  proxy.silence();
  clock.advance(39_999);
  const { id } = await manager.submit({ type: "echo", input: {}, availableAt: LATER });
  assert.equal(states.at(-1)?.state, "open");
  clock.advance(1);
  await waitFor(async () => states.at(-1)?.state === "waiting", { what: "the silent connection to be given up" });
  const waiting = states.at(-1);
  assert.ok(waiting?.state === "waiting" && /silent for 40000 ms/.test(waiting.error.message));
  proxy.cut();
  proxy.heal();
  clock.advance(waiting.retryInMs);
  const event = await next;
  assert.deepEqual(event.kind === "jobs" && event.items.map((job) => job.id), [id]);
});

test("a reader that stops reading is let go, and misses nothing when it comes back", HANG, async (t) => {
  const clock = createManualClock();
  const { url, client, manager, server, stop } = await proxied(t, { clock });
  const connections = () =>
    new Promise<number>((resolve) => server.app.server.getConnections((_error, count) => resolve(count)));
  const labels = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`l${n}`, "x".repeat(256)]));
  const request = { type: "echo", input: {}, labels, availableAt: LATER };
  const jobs = await manager.submitAll(Array.from({ length: 400 }, () => request));
  const idle = reader(client.followAll({}, { signal: stop }));
  await idle.until("resync");
  const busy = reader(createClient({ url }).followAll({}, { signal: stop }));
  await busy.until("resync");
  const open = await connections();
  let rounds = 0;
  // Each round is 4 MB of changes: more than the sockets and the client take.
  await waitFor(
    async () => {
      rounds += 1;
      await Promise.all(jobs.map(({ id }) => (rounds % 2 ? manager.pause(id) : manager.resume(id))));
      const told = busy.until("jobs");
      clock.advance(15_000);
      await told;
      return (await connections()) < open;
    },
    { what: "the idle reader to be let go" },
  );
  const { id } = await manager.submit({ type: "echo", input: {}, availableAt: LATER });
  const states = new Map<string, string>();
  while (!states.has(id)) {
    const next = idle.until("jobs");
    await waitFor(
      () => {
        clock.advance(250);
        return Promise.race([next, Promise.resolve(null)]);
      },
      { what: "the next event" },
    );
    const { event, before: others } = await next;
    assert.deepEqual(others, []);
    for (const job of event.items) states.set(job.id, job.state);
  }
  const now = await Promise.all(jobs.map(async (job) => [job.id, (await manager.get(job.id))?.state] as const));
  assert.deepEqual(states, new Map([...now, [id, "queued"]]));
});

test("leaving the loop, or the signal, closes the connection", HANG, async (t) => {
  const { client } = await proxied(t, { maxStreamsPerPeer: 1 });
  const left = reader(client.followAll());
  await left.until("resync");
  await left.leave();
  const reason = new Error("enough");
  for (let round = 0; round < 2; round += 1) {
    const stop = new AbortController();
    const events = reader(client.followAll({}, { signal: stop.signal }));
    // The place of the one before is free: otherwise this would wait for ever.
    await events.until("resync");
    const next = assert.rejects(events.next(), (error) => error === reason);
    stop.abort(reason);
    await next;
  }
  await assert.rejects(reader(client.followAll({}, { signal: AbortSignal.abort(reason) })).next(), (e) => e === reason);
});

test("what trying again cannot mend ends the events: no such job, a bad filter, no right", HANG, async (t) => {
  const { client, url, tokens, manager } = await proxied(t);
  assert.equal((await refusalOf(client.follow("019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f"))).code, "job_not_found");
  assert.equal((await refusalOf(client.follow(".."))).code, "job_not_found");
  const bad: object = { colour: "red" };
  assert.equal((await refusalOf(client.followAll(bad))).code, "invalid_request");
  const token = await tokens.create("read");
  assert.equal((await refusalOf(client.followAll())).code, "unauthenticated");
  const holder = reader(createClient({ url, token: token.token, clock: hastyClock }).followAll());
  await holder.until("resync");
  await manager.access.revokeToken(token.id);
  await assert.rejects(holder.next(), (error) => error instanceof PawlError && error.code === "unauthenticated");
});

test("a server that has too many streams is asked again", HANG, async (t) => {
  const { client, stop } = await proxied(t, { maxStreamsPerPeer: 1 });
  const first = reader(client.followAll());
  await first.until("resync");
  const states: Connection[] = [];
  const second = reader(client.followAll({}, { signal: stop, onConnection: (now) => void states.push(now) }));
  const resync = second.until("resync");
  await waitFor(async () => states.some(({ state }) => state === "waiting"), { what: "the second to be refused" });
  const refused = states.find((now) => now.state === "waiting");
  assert.ok(refused?.state === "waiting" && refused.error.code === "too_many_streams" && refused.retryInMs >= 5_000);
  await first.leave();
  await resync;
});

test("a server that is killed and comes back is followed on: each line once, and the end", {
  timeout: 240_000,
}, async (t) => {
  const dataDir = path.join(await tempFolder(t), "data");
  let server = await startServer({ dataDir });
  const { port } = new URL(server.url);
  const client = createClient({ url: server.url, clock: hastyClock });
  try {
    const { id } = await client.submit({ type: "ticker", input: { times: 40, intervalMs: 50 } });
    const stop = new AbortController();
    const all = reader(client.followAll({}, { signal: stop.signal }));
    await all.until("resync");
    const end = client.waitUntil(id, "final");
    const lines: LogLine[] = [];
    const states: string[] = [];
    let killed = false;
    for await (const event of client.follow(id)) {
      if (event.kind === "job") states.push(event.job.state);
      if (event.kind === "log") lines.push(...event.lines);
      if (lines.length < 15 || killed) continue;
      killed = true;
      await server.kill("SIGKILL");
      server = await startServerAt(port, { dataDir });
    }
    assert.ok(killed);
    assert.equal(states.at(-1), "succeeded");
    assert.deepEqual(lines, await client.logs(id));
    assert.equal(lines.at(-1)?.message, "Tick 40");
    assert.equal((await end).state, "succeeded");
    // Another process knows nothing of the changes before: what is shown has to be read again.
    await all.until("resync");
    stop.abort();
  } finally {
    await server.stop();
  }
});
