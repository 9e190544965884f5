// How often a token may call, and how often an address may be wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  createMinuteCounts,
  createTokenRates,
  FAILURES_MAX,
  networkOf,
  SIGN_INS_MAX,
} from "../../src/http/access/rate-limits.ts";
import { ask } from "./access-call.ts";
import { createManualClock, serverFor } from "./support.ts";

const JOBS = "/api/v1/jobs";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test("a token makes as many requests a second as it may, and is told when to go on", async (t) => {
  const clock = createManualClock();
  const { server, tokens } = await serverFor(t, { clock, ratePerSecond: 5 });
  const [ada, bob] = [await tokens.create("read", { name: "ada" }), await tokens.create("read", { name: "bob" })];
  const status = async ({ headers }: typeof ada) => (await ask(server, JOBS, { headers })).status;
  for (let times = 0; times < 5; times += 1) assert.equal(await status(ada), 200);
  const refused = await ask(server, JOBS, ada);
  assert.deepEqual([refused.status, refused.code, refused.headers["retry-after"]], [429, "rate_limited", "1"]);
  assert.equal(await status(bob), 200, "each token counts for itself");
  clock.advance(400);
  assert.deepEqual([await status(ada), await status(ada), await status(ada)], [200, 200, 429]);
  clock.advance(3_600_000);
  for (let times = 0; times < 5; times += 1) assert.equal(await status(ada), 200);
  assert.equal(await status(ada), 429, "what was not used is not saved up");
});

test("a session counts with its token", async (t) => {
  const { server, tokens } = await serverFor(t, { clock: createManualClock(), ratePerSecond: 2 });
  const { token, headers } = await tokens.create("read");
  const { cookie } = await ask(server, "/api/v1/session", { method: "POST", body: { token } });
  const browser = { cookie: cookie.split(";", 1)[0] ?? "" };
  assert.equal((await ask(server, JOBS, { headers: browser })).status, 200);
  assert.equal((await ask(server, JOBS, { headers })).status, 200);
  assert.equal((await ask(server, JOBS, { headers: browser })).status, 429);
});

test("callers without a token, where none is needed, are not limited", async (t) => {
  const { server } = await serverFor(t, { clock: createManualClock(), ratePerSecond: 1 });
  for (let times = 0; times < 20; times += 1) assert.equal((await ask(server, JOBS)).status, 200);
});

test("requests beyond the limit are one entry a minute in the audit", async (t) => {
  const { server, tokens, manager } = await serverFor(t, { clock: createManualClock(), ratePerSecond: 1 });
  const { headers, id } = await tokens.create("read");
  for (let times = 0; times < 11; times += 1) await ask(server, JOBS, { headers });
  await server.close();
  const { items } = await manager.access.audit();
  assert.deepEqual(
    items.map(({ actor, tokenId, code, count }) => [actor, tokenId, code, count]),
    [["some-read", id, "rate_limited", 10]],
  );
});

test("an address that is wrong too often waits, and a valid token from there is still taken", async (t) => {
  const clock = createManualClock();
  const { server, tokens } = await serverFor(t, { clock });
  const { headers, token } = await tokens.create("read");
  const wrong = (from: string) => ask(server, JOBS, { headers: { authorization: "Bearer pawl_guess" }, from });
  const guess = { method: "POST", body: { token: "pawl_guess" }, from: "192.0.2.1" } as const;
  for (let times = 0; times < FAILURES_MAX - 1; times += 1) assert.equal((await wrong("192.0.2.1")).status, 401);
  assert.equal((await ask(server, "/api/v1/session", guess)).status, 401, "signing in counts as well");
  clock.advance(10_000);
  for (const refused of [await wrong("192.0.2.1"), await ask(server, "/api/v1/session", guess)]) {
    assert.deepEqual([refused.status, refused.code, refused.headers["retry-after"]], [429, "rate_limited", "50"]);
  }
  assert.equal((await ask(server, JOBS, { headers, from: "192.0.2.1" })).status, 200);
  assert.equal((await ask(server, "/api/v1/session", { ...guess, body: { token } })).status, 201);
  assert.equal((await ask(server, JOBS, { from: "192.0.2.1" })).status, 401, "showing none is no guess");
  assert.equal((await wrong("192.0.2.2")).status, 401, "other addresses are not told to wait");
  clock.advance(50_000);
  assert.equal((await wrong("192.0.2.1")).status, 401);
});

test("whoever has one IPv6 address has 2^64 of them, which count as one", () => {
  const one = networkOf("2001:db8:1:2::9");
  for (const same of ["2001:db8:1:2:ffff::1", "2001:db8:1:2:1:2:3:4"]) assert.equal(networkOf(same), one, same);
  for (const other of ["2001:db8:1:3::1", "2001:db8::1", "::1", "192.0.2.1"]) assert.notEqual(networkOf(other), one);
});

test("a token starts so many sessions a minute, and nobody else is kept from signing in", async (t) => {
  const clock = createManualClock();
  const { server, tokens, manager } = await serverFor(t, { clock });
  const [ada, bob] = [await tokens.create("read", { name: "ada" }), await tokens.create("read", { name: "bob" })];
  const signIn = ({ token }: typeof ada) => ask(server, "/api/v1/session", { method: "POST", body: { token } });
  for (let times = 0; times < SIGN_INS_MAX; times += 1) assert.equal((await signIn(ada)).status, 201);
  const refused = await signIn(ada);
  assert.deepEqual([refused.status, refused.code, refused.headers["retry-after"]], [429, "rate_limited", "60"]);
  assert.equal((await signIn(bob)).status, 201);
  clock.advance(60_000);
  assert.equal((await signIn(ada)).status, 201);
  const { items } = await manager.access.audit({ limit: 1_000, outcome: "done" });
  assert.equal(items.length, SIGN_INS_MAX + 2);
});

test("a caller's refusals beyond a few a minute are one entry, so that they push nothing out of the audit", async (t) => {
  const clock = createManualClock();
  const { server, tokens, manager } = await serverFor(t, { clock });
  const { headers } = await tokens.create("read");
  for (let times = 0; times < 100; times += 1) {
    assert.equal((await ask(server, JOBS, { method: "POST", body: { type: "echo", input: {} }, headers })).status, 403);
  }
  assert.equal((await manager.access.audit({ limit: 1_000 })).items.length, 20);
  clock.advance(60_000);
  await server.close();
  const { items } = await manager.access.audit({ limit: 1_000 });
  assert.equal(items.length, 21);
  assert.deepEqual([items[0]?.actor, items[0]?.code, items[0]?.count], ["some-read", "forbidden", 80]);
});

test("what is remembered of tokens and addresses is bounded, and those who come back are still known", () => {
  const clock = createManualClock();
  const failures = createMinuteCounts(FAILURES_MAX, clock);
  const before = heapInUse();
  for (let times = 0; times <= FAILURES_MAX; times += 1) failures.count("192.0.2.1");
  for (let index = 0; index < 100_000; index += 1)
    failures.count(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
  assert.equal(failures.count("192.0.2.1"), 0, "the oldest is forgotten");
  const rates = createTokenRates(1, clock);
  rates.take("first");
  for (let index = 0; index < 100_000; index += 1) {
    if (index % 1_000 === 0) clock.advance(1_000);
    rates.take(`token-${index}`);
  }
  // A hundred thousand of each would take more than 10 MB.
  const grown = heapInUse() - before;
  assert.ok(grown < 4_000_000, `${grown} bytes`);
  assert.equal(failures.count("192.0.2.1"), 0);
  assert.throws(() => rates.take("token-99999"), { code: "rate_limited" });
});

test("what is refused because there is too much of it says when to come back", async (t) => {
  const { server, url, manager } = await serverFor(t, { maxStreamsPerPeer: 1 }, { queueLimit: 1 });
  await manager.queues.pause("default");
  await manager.submit({ type: "echo", input: {} });
  const full = await ask(server, JOBS, { method: "POST", body: { type: "echo", input: {} } });
  assert.deepEqual([full.code, full.headers["retry-after"]], ["queue_full", "5"]);
  const open = await fetch(`${url}/api/v1/events/stream`);
  const second = await fetch(`${url}/api/v1/events/stream`);
  assert.deepEqual([second.status, second.headers.get("retry-after")], [429, "5"]);
  await open.body?.cancel();
});

test("each token has its own places for streams, and those of an address without one are another's", async (t) => {
  const { url, tokens } = await serverFor(t, { maxStreamsPerPeer: 2, auth: "off" });
  const [ada, bob] = [await tokens.create("read", { name: "ada" }), await tokens.create("read", { name: "bob" })];
  const open = (headers: Record<string, string> = {}) => fetch(`${url}/api/v1/events/stream`, { headers });
  for (const headers of [{ ...ada.headers }, { ...bob.headers }, {}]) {
    assert.deepEqual([(await open(headers)).status, (await open(headers)).status], [200, 200]);
    const third = await open(headers);
    assert.deepEqual([third.status, /"too_many_streams"/.test(await third.text())], [429, true]);
  }
});
