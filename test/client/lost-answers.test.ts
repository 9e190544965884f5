// A network that loses answers, a server that is away, and servers that say strange things: nothing is done twice, nobody is
// told "not done" of what may have been done, and every error is one that the manager could have thrown.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type Client, createClient, PawlError } from "../../src/client/index.ts";
import { createManualClock, serverFor } from "../http/support.ts";
import { openHttpProxy } from "../support/http-proxy.ts";
import { waitFor } from "../support/wait-for.ts";
import { hastyClock } from "./hasty-clock.ts";

const LATER = "2100-01-01T00:00:00.000Z";

async function fail(call: Promise<unknown>): Promise<PawlError> {
  const error = await call.then(
    () => assert.fail("was answered"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PawlError, String(error));
  return error;
}

async function lossyServer(t: TestContext) {
  const { url, manager } = await serverFor(t);
  const proxy = await openHttpProxy(t, url);
  return { manager, proxy, client: createClient({ url: proxy.url, clock: hastyClock }) };
}

test("a submit whose answers are lost makes one job, and the caller gets it as a new one", async (t) => {
  const { manager, proxy, client } = await lossyServer(t);
  proxy.loseAnswers(3);
  const { outcome, job } = await client.submitOnce({ type: "echo", input: { a: 1 }, availableAt: LATER });
  assert.equal(outcome, "created");
  assert.deepEqual(
    (await manager.list()).items.map(({ id }) => id),
    [job.id],
  );
  proxy.loseAnswers(2);
  const jobs = await client.submitAll([1, 2, 3].map((n) => ({ type: "echo", input: { n }, availableAt: LATER })));
  assert.equal((await manager.list()).items.length, 4);
  assert.deepEqual(
    jobs.map(({ input }) => input),
    [{ n: 1 }, { n: 2 }, { n: 3 }],
  );
});

test("a submit into a window of deduplication is sent again only where that changes nothing", async (t) => {
  const { manager, proxy, client } = await lossyServer(t);
  const dedupe = { key: "k", windowMs: 600_000 };
  proxy.loseAnswers(1);
  await client.submit({ type: "echo", input: {}, dedupe: { ...dedupe, mode: "once" } });
  assert.equal((await manager.list()).items.length, 1);
  proxy.loseAnswers(1);
  const error = await fail(
    client.submit({ type: "echo", input: {}, dedupe: { ...dedupe, key: "l", mode: "throttle" } }),
  );
  assert.deepEqual([error.code, error.extras.outcome], ["store_unavailable", "unknown"]);
  assert.equal((await manager.list()).items.length, 2);
});

test("a control request whose answers are lost is one request, and its answer says requested", async (t) => {
  const { manager, proxy, client } = await lossyServer(t);
  const { id } = await manager.submit({ type: "echo", input: {}, availableAt: LATER });
  for (const action of ["pause", "resume", "cancel", "retry"] as const) {
    proxy.loseAnswers(2);
    assert.equal((await client[action](id, { reason: "once" })).outcome, "requested");
  }
  const asked = (await manager.history(id)).filter(({ reason }) => reason === "once").map(({ kind }) => kind);
  assert.deepEqual(
    asked.filter((kind) => kind !== "repeated"),
    ["pause", "resume", "cancel", "retry"],
  );
});

test("a change that cannot be repeated is sent once, and its error says that the outcome is not known", async (t) => {
  const { manager, proxy, client } = await lossyServer(t);
  const { id } = await manager.submit({ type: "echo", input: {}, availableAt: LATER });
  const changes = [
    () => client.edit(id, { priority: 5 }),
    () => client.bulk({ action: "pause", filter: { queue: ["default"] } }),
    () => client.files.upload(new Blob(["a,b\n"])),
    () => client.schedules.create({ name: "s", cron: "* * * * *", type: "echo", input: {}, paused: true }),
  ];
  for (const change of changes) {
    proxy.loseAnswers(1);
    const error = await fail(change());
    assert.deepEqual([error.code, error.extras.outcome], ["store_unavailable", "unknown"], error.message);
    assert.match(error.message, /not known/);
  }
  const { priority, state } = (await manager.get(id)) ?? assert.fail("The job is gone.");
  assert.deepEqual([priority, state], [5, "paused"]);
  assert.equal((await manager.history(id)).filter(({ kind }) => kind === "edit").length, 1);
  assert.equal((await manager.schedules.list()).length, 1);
});

test("who is turned away after a lost answer is not told that nothing was done", async (t) => {
  const { url, asked } = await scripted(t, [[503, "gone"], problem(401, "unauthenticated")]);
  const error = await fail(createClient({ url, clock: hastyClock }).submit({ type: "a", input: 1 }));
  assert.deepEqual([error.code, error.extras.outcome, asked.length], ["unauthenticated", "unknown", 2]);
});

test("what only looks, or leads to the same however often it is asked, is asked again", async (t) => {
  const { proxy, client } = await lossyServer(t);
  const { id } = await client.submit({ type: "echo", input: {}, availableAt: LATER });
  const calls = [
    () => client.get(id),
    () => client.list(),
    () => client.history(id),
    () => client.stats(),
    () => client.bulk({ action: "pause", filter: { queue: ["default"] }, dryRun: true }),
    () => client.queues.pause("default", { reason: "r" }),
    () => client.queues.edit("default", { concurrency: 2 }),
  ];
  for (const call of calls) {
    proxy.loseAnswers(1);
    await call();
  }
});

test("a server that is away for a moment costs time, and no call", async (t) => {
  const { proxy, client } = await lossyServer(t);
  const { id } = await client.submit({ type: "echo", input: {}, availableAt: LATER });
  proxy.cut();
  const calls = [client.get(id), client.pause(id), client.submit({ type: "echo", input: {} })];
  const done = Promise.all(calls);
  await waitFor(async () => proxy.refused > calls.length, { what: "second tries" });
  proxy.heal();
  await done;
});

test("nobody at the address: the error says so, and that nothing was sent", async () => {
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  const client = createClient({ url: `http://127.0.0.1:${port}`, patienceMs: 0 });
  const calls = [
    () => client.edit("x", { priority: 1 }),
    () => client.list(),
    () => client.submit({ type: "a", input: 1 }),
  ];
  for (const call of calls) {
    const error = await fail(call());
    assert.deepEqual([error.code, error.extras.outcome], ["store_unavailable", undefined]);
    assert.match(error.message, new RegExp(`nobody at http://127.0.0.1:${port} .*ECONNREFUSED`));
    assert.ok(error.cause instanceof Error);
  }
});

type Reply = readonly [status: number, body?: unknown, headers?: Readonly<Record<string, string>>];

/** A server that answers what it is told to, in order, and notes what it was asked. */
async function scripted(t: TestContext, replies: readonly Reply[]) {
  const asked: { readonly method: string; readonly headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [status, body = "", headers = {}] = replies[asked.length] ?? [500, "nothing more to say"];
    asked.push({ method: `${request.method} ${request.url}`, headers: request.headers });
    request.resume();
    const json = typeof body === "object" && { "content-type": "application/json; charset=utf-8" };
    response.writeHead(status, { ...json, ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}

const problem = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Reply => [
  status,
  { type: `urn:pawl:problem:${code}`, title: "t", status, detail: `detail of ${code}`, code },
  { "content-type": "application/problem+json", ...headers },
];

test("what the server has not done for now is sent again after the time that it names", async (t) => {
  const { url, asked } = await scripted(t, [
    problem(429, "rate_limited", { "retry-after": "7" }),
    problem(503, "draining", { "retry-after": "5" }),
    [200, { id: "j" }],
  ]);
  const clock = createManualClock();
  const waits: number[] = [];
  const after = (ms: number, callback: () => void) => {
    waits.push(ms);
    return clock.after(ms, callback);
  };
  const edit = createClient({ url, clock: { ...clock, after } }).edit("j", { priority: 1 });
  for (const ms of [7_000, 5_000]) {
    await waitFor(async () => waits.includes(ms), { what: `a wait of ${ms} ms` });
    clock.advance(ms);
  }
  assert.deepEqual(await edit, { id: "j" });
  assert.equal(asked.length, 3);
});

test("patience ends: a wait that would outlast it is not begun", async (t) => {
  const { url, asked } = await scripted(t, [problem(429, "rate_limited", { "retry-after": "60" })]);
  const error = await fail(createClient({ url }).list());
  assert.deepEqual([error.code, error.message, asked.length], ["rate_limited", "detail of rate_limited", 1]);
});

test("a server that wants to be left alone for ever is asked again within the hour, and not at once", async (t) => {
  const { url, asked } = await scripted(t, [problem(429, "too_many_streams", { "retry-after": "1e308" })]);
  const stop = new AbortController();
  const waits: number[] = [];
  const stream = createClient({ url }).followAll(
    {},
    {
      signal: stop.signal,
      onConnection(connection) {
        if (connection.state !== "waiting") return;
        waits.push(connection.retryInMs);
        stop.abort(new Error("enough"));
      },
    },
  );
  await assert.rejects(stream[Symbol.asyncIterator]().next(), /enough/);
  assert.deepEqual([waits, asked.length], [[3_600_000], 1]);
});

test("a refusal is the last word", async (t) => {
  const refusals = [
    problem(401, "unauthenticated"),
    problem(403, "forbidden"),
    problem(404, "not_found"),
    problem(429, "queue_full", { "retry-after": "5" }),
    problem(500, "internal"),
    problem(507, "storage_full"),
  ];
  const { url, asked } = await scripted(t, refusals);
  const client = createClient({ url });
  for (const [index, [status]] of refusals.entries()) {
    const error = await fail(client.submit({ type: "a", input: 1 }));
    assert.equal(asked.length, index + 1);
    assert.equal(error.extras.outcome, status === 500 ? "unknown" : undefined);
    assert.match(error.message, new RegExp(`^detail of ${error.code}`));
  }
});

test("what Pawl would not say is told as what it is", async (t) => {
  const html = { "content-type": "text/html" };
  const { url, asked } = await scripted(t, [
    [200, "<h1>Welcome to the hotel</h1>", html],
    [404, "<h1>404</h1>", html],
    [413, "too large", html],
    [418, "", html],
    [200, ""],
    problem(409, "invented_later"),
    [404, { code: "job_not_found" }],
    [200, "null", { "content-type": "application/json" }],
    [200, '{"id":', { "content-type": "application/json" }],
  ]);
  const client: Client = createClient({ url, patienceMs: 0 });
  const codes: string[] = [];
  while (asked.length < 9) codes.push((await fail(client.get("j"))).code);
  assert.deepEqual(codes, [
    "internal",
    "not_found",
    "payload_too_large",
    "internal",
    "internal",
    "internal",
    "not_found",
    "internal",
    "internal",
  ]);
});

test("an upload that something else than Pawl has taken is told so, and may be there", async (t) => {
  const { url } = await scripted(t, [[200, "<h1>Sign in to the hotel</h1>", { "content-type": "text/html" }]]);
  const error = await fail(createClient({ url }).files.upload(new Blob(["a"])));
  assert.deepEqual([error.code, error.extras.outcome], ["internal", "unknown"]);
  assert.match(error.message, /nothing that Pawl would say/);
});

test("a gateway that reaches nobody is waited for, and only for what may be repeated", async (t) => {
  const { url, asked } = await scripted(t, [
    [502, "<h1>Bad Gateway</h1>"],
    [504, ""],
    [200, { items: [], nextCursor: null }],
    [502],
  ]);
  const client = createClient({ url });
  assert.deepEqual(await client.list(), { items: [], nextCursor: null });
  const error = await fail(client.edit("j", { priority: 1 }));
  assert.deepEqual([error.code, error.extras.outcome, asked.length], ["store_unavailable", "unknown", 4]);
});

test("a server that never answers is given up after 30 seconds", async (t) => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  t.after(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const clock = createManualClock();
  const client = createClient({ url: `http://127.0.0.1:${port}`, clock, patienceMs: 0 });
  const error = fail(client.edit("j", { priority: 1 }));
  await new Promise((resolve) => silent.once("request", resolve));
  clock.advance(30_000);
  const { code, message, extras } = await error;
  assert.deepEqual([code, extras.outcome], ["store_unavailable", "unknown"]);
  assert.match(message, /30000 ms/);
});

test("a call is given up by its signal, while it asks and while it waits", async (t) => {
  const { url, asked } = await scripted(t, [problem(503, "draining", { "retry-after": "5" })]);
  const reason = new Error("enough");
  const client = createClient({ url });
  await assert.rejects(client.list({}, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  const stop = new AbortController();
  const wait = assert.rejects(client.list({}, { signal: stop.signal }), (error) => error === reason);
  await waitFor(async () => asked.length === 1, { what: "the first try" });
  stop.abort(reason);
  await wait;
});
