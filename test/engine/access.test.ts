// Tokens, sessions, and who hears when they end.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { Scope } from "../../src/domain/access.ts";
import { storeUnavailable } from "../../src/domain/errors.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { createManager } from "../../src/engine/create-manager.ts";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import type { TokenStore } from "../../src/ports/store.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { storedBytes } from "../support/test-manager.ts";
import { waitFor } from "../support/wait-for.ts";
import { managerFor, numbers } from "./support.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const HOUR_MS = 3_600_000;
const ADA = { name: "ada", scope: "operate" } as const;
const UNKNOWN = `pawl_0123456789ab_${"0".repeat(64)}`;

async function start(t: TestContext) {
  const clock = createFakeClock(START);
  const pawl = await managerFor(t, { jobs: [], clock });
  return { pawl, clock, access: pawl.manager.access, elsewhere: pawl.store };
}

/** A manager that says what it asks of the store about tokens; while it is `down`, that fails. */
async function startCounted(t: TestContext) {
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: ":memory:", clock });
  t.after(() => store.close());
  const calls: string[] = [];
  const state = { down: false };
  const counted = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => {
      calls.push(name);
      return state.down ? Promise.reject(storeUnavailable("The store is down.")) : call(...args);
    };
  };
  const tokens: TokenStore = {
    ...store.tokens,
    findToken: counted("findToken", store.tokens.findToken),
    hasTokens: counted("hasTokens", store.tokens.hasTokens),
    touchTokens: counted("touchTokens", store.tokens.touchTokens),
  };
  const audit = { ...store.audit, appendAudit: counted("appendAudit", store.audit.appendAudit) };
  const fileStore = createDirectoryFileStore({ directory: "unused" });
  const { access } = createManager({ store: { ...store, tokens, audit }, fileStore, jobs: [], clock });
  /** What was asked since this was called last. */
  const asked = (name: string) => calls.splice(0).filter((call) => call === name).length;
  return { store, clock, access, state, asked };
}

test("whoever shows a token is known, and any other text is nobody's", async (t) => {
  const { access } = await start(t);
  const { token, ...made } = await access.createToken(ADA, { actor: "root" });
  assert.match(token, /^pawl_[0-9a-f]{12}_[0-9a-f]{64}$/);
  assert.deepEqual(await access.identify(token), { name: "ada", scope: "operate", tokenId: made.id });
  const other = await access.createToken({ name: "bob", scope: "read" });
  const lastDigit = token.endsWith("0") ? "1" : "0";
  const wrong = [
    token.slice(0, -1) + lastDigit,
    token.slice(0, 18) + other.token.slice(18),
    token.slice(0, -1),
    `${token}0`,
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
    token.slice(5),
    token.replaceAll("_", "-"),
    UNKNOWN,
    made.id,
    "",
    "__proto__",
    `pawl_' OR 1=1; --_${"0".repeat(64)}`,
    "x".repeat(100_000),
  ];
  for (const text of wrong) assert.equal(await access.identify(text), null, text.slice(0, 100));
  assert.deepEqual(await access.identify(token), { name: "ada", scope: "operate", tokenId: made.id });
});

test("a token is listed without its secret, which is stored nowhere, nor is that of a session", async (t) => {
  const { access, pawl } = await start(t);
  const { token, ...made } = await access.createToken({ ...ADA, expiresInMs: HOUR_MS }, { actor: "root" });
  const signedIn = await access.signIn(token);
  assert.deepEqual(
    (await access.tokens()).map((listed) => ({ ...listed, lastUsedAt: null })),
    [made],
  );
  assert.deepEqual(made, {
    ...{ id: token.slice(5, 17), name: "ada", scope: "operate", createdBy: "root" },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", expiresAt: "2026-01-01T01:00:00.000Z" },
    ...{ revokedAt: null, revokedBy: null, lastUsedAt: null },
  });
  const bytes = await storedBytes(pawl);
  assert.ok(bytes.some((content) => content.includes(made.id)));
  for (const secret of [token.slice(18), signedIn?.session ?? ""]) {
    assert.equal(secret.length, 64);
    assert.ok(!bytes.some((content) => content.includes(secret)));
  }
});

test("a token that cannot be is refused, with what is wrong with it", async (t) => {
  const { access } = await start(t);
  const refuse = (change: object, message: RegExp) =>
    assert.rejects(access.createToken({ ...ADA, ...change }), { code: "invalid_request", message });
  for (const name of ["", "a b", "-a", ".a", "a/b", "ä", "a\n", "a".repeat(65), "__proto__", 7, null]) {
    await refuse({ name }, /A token's name has 1 to 64 letters/);
  }
  for (const name of ["anonymous", "local", "system", "unknown", "pawl", "Local", "SYSTEM"]) {
    await refuse({ name }, /means something else in history and audit/);
  }
  for (const scope of ["root", "", null, ["read"]]) await refuse({ scope }, /There is no scope .+read, operate, admin/);
  for (const expiresInMs of [0, -1, 1.5, Number.NaN, "1d", LIMITS.tokenMs + 1]) {
    await refuse({ expiresInMs }, /expiresInMs is .+; use a whole number from 1 to/);
  }
  await refuse({ expires: 5 }, /A token has no "expires"/);
  assert.deepEqual(await access.tokens(), []);
  const longest = { name: `a.b_c-D@${"9".repeat(56)}`, scope: "admin" as Scope, expiresInMs: LIMITS.tokenMs };
  assert.equal((await access.createToken(longest)).name, longest.name);
  await access.createToken(ADA);
  await assert.rejects(access.createToken(ADA), { code: "name_taken", message: /a valid token "ada" already. Revoke/ });
});

test("a token that is revoked here has ended at once, with its sessions, and for good", async (t) => {
  const { access, pawl, clock } = await start(t);
  const { id, token } = await access.createToken(ADA);
  const session = (await access.signIn(token))?.session ?? "";
  assert.ok((await access.identify(token)) && (await access.resumeSession(session)));
  clock.advance(50);
  const revoked = await access.revokeToken(id, { actor: "root" });
  assert.deepEqual([revoked.revokedAt, revoked.revokedBy], ["2026-01-01T00:00:00.050Z", "root"]);
  assert.equal(await access.identify(token), null);
  assert.equal(await access.resumeSession(session), null);
  assert.equal(await access.signIn(token), null);
  clock.advance(50);
  assert.deepEqual(await access.revokeToken(id, { actor: "eve" }), revoked);
  await assert.rejects(access.revokeToken("0123456789ab"), { code: "not_found" });
  const { access: later } = await pawl.restart();
  assert.equal(await later.identify(token), null);
  assert.equal(await later.resumeSession(session), null);
  assert.equal((await later.tokens()).length, 1);
});

test("a token that is revoked elsewhere has ended here a second later, whatever the machine's clock says", async (t) => {
  const { access, elsewhere, clock } = await start(t);
  for (const wrongMs of [0, -5 * HOUR_MS, 5 * HOUR_MS]) {
    const { id, token } = await access.createToken(ADA);
    const session = (await access.signIn(token))?.session ?? "";
    assert.ok((await access.identify(token)) && (await access.resumeSession(session)));
    await elsewhere.tokens.revokeToken(id, "root");
    clock.setNow(START + wrongMs);
    clock.advance(1_000);
    assert.equal(await access.identify(token), null);
    assert.equal(await access.resumeSession(session), null);
  }
});

test("a token ends to the millisecond, however often it is shown", async (t) => {
  const { access, clock } = await start(t);
  const { token } = await access.createToken({ ...ADA, expiresInMs: 2_500 });
  for (const step of [0, 900, 900, 690, 9]) {
    clock.advance(step);
    assert.ok(await access.identify(token));
  }
  clock.advance(1);
  assert.equal(await access.identify(token), null);
});

test("a clock that is set forward ends a token at most a second later", async (t) => {
  const { access, clock } = await start(t);
  const { token } = await access.createToken({ ...ADA, expiresInMs: HOUR_MS });
  assert.ok(await access.identify(token));
  clock.setNow(START + 2 * HOUR_MS);
  clock.advance(1_000);
  assert.equal(await access.identify(token), null);
});

test("when the store does not answer nobody is let in, and nothing is remembered of that", async (t) => {
  const { access, state, clock } = await startCounted(t);
  const { token } = await access.createToken(ADA);
  const session = (await access.signIn(token))?.session ?? "";
  clock.advance(1_000);
  state.down = true;
  await assert.rejects(access.identify(token), { code: "store_unavailable" });
  await assert.rejects(access.identify(UNKNOWN), { code: "store_unavailable" });
  await assert.rejects(access.signIn(token), { code: "store_unavailable" });
  await assert.rejects(access.resumeSession(session), { code: "store_unavailable" });
  assert.equal(await access.identify("not a token"), null);
  state.down = false;
  assert.equal((await access.identify(token))?.name, "ada");
  assert.equal((await access.resumeSession(session))?.caller.name, "ada");
});

test("a token is read once a second, however often it is shown or guessed, and what is no token never", async (t) => {
  const { access, asked, clock } = await startCounted(t);
  const { token } = await access.createToken(ADA);
  const guess = `${token.slice(0, 18)}${"0".repeat(64)}`;
  for (const text of [token, guess, UNKNOWN]) {
    clock.advance(1_000);
    await Promise.all(numbers(200).map(() => access.identify(text)));
    clock.advance(999);
    await access.identify(text);
    assert.equal(asked("findToken"), 1);
    clock.advance(1);
    await access.identify(text);
    assert.equal(asked("findToken"), 1);
  }
  for (const text of ["", "pawl_", "nonsense", `${token}0`]) await access.identify(text);
  await access.resumeSession("nonsense");
  assert.equal(asked("findToken"), 0);
});

test("whether a token was ever made is known at once here, a second later from elsewhere, and never forgotten", async (t) => {
  const { access, elsewhere, clock, pawl } = await start(t);
  assert.equal(await access.hasTokens(), false);
  const given = { id: "0123456789ab", name: "ada", scope: "read", digest: "00", createdBy: "root" } as const;
  await elsewhere.tokens.insertToken({ ...given, expiresInMs: 10 });
  clock.advance(1_000);
  assert.equal(await access.hasTokens(), true);
  assert.equal(await (await pawl.restart()).access.hasTokens(), true);
  const { access: fresh, asked, clock: time } = await startCounted(t);
  await Promise.all(numbers(50).map(() => fresh.hasTokens()));
  time.advance(999);
  assert.equal(await fresh.hasTokens(), false);
  assert.equal(asked("hasTokens"), 1);
  await fresh.createToken(ADA);
  assert.equal(await fresh.hasTokens(), true);
  time.advance(5_000);
  assert.equal(await fresh.hasTokens(), true);
  assert.equal(asked("hasTokens"), 0);
});

test("a session stands for its token, half a day long at most, and no longer than the token", async (t) => {
  const { access, clock, pawl } = await start(t);
  const { token, id } = await access.createToken(ADA);
  const brief = await access.createToken({ name: "bob", scope: "read", expiresInMs: 2 * HOUR_MS });
  assert.equal(await access.signIn(UNKNOWN), null);
  assert.equal(await access.signIn("nonsense"), null);
  const signedIn = await access.signIn(token);
  const caller = { name: "ada", scope: "operate", tokenId: id };
  assert.deepEqual(signedIn && { ...signedIn, session: "" }, {
    ...{ caller, expiresAt: "2026-01-01T12:00:00.000Z", session: "" },
  });
  clock.advance(HOUR_MS);
  const short = await access.signIn(brief.token);
  assert.equal(short?.expiresAt, "2026-01-01T02:00:00.000Z");
  const digest = createHash("sha256").update(short.session).digest("hex");
  assert.equal((await pawl.store.sessions.findSession(digest))?.validForMs, HOUR_MS);
  const session = signedIn?.session ?? "";
  for (const text of ["", token, session.slice(1), `${session}0`, session.toUpperCase(), "0".repeat(64)]) {
    assert.equal(await access.resumeSession(text), null);
  }
  clock.advance(HOUR_MS - 1);
  assert.ok(await access.resumeSession(short?.session ?? ""));
  clock.advance(1);
  assert.equal(await access.resumeSession(short?.session ?? ""), null);
  const { access: later } = await pawl.restart();
  clock.advance(10 * HOUR_MS - 1);
  assert.deepEqual(await later.resumeSession(session), { caller, expiresAt: "2026-01-01T12:00:00.000Z" });
  clock.advance(1);
  assert.equal(await later.resumeSession(session), null);
});

test("signing out ends the session at once, and no other", async (t) => {
  const { access } = await start(t);
  const { token } = await access.createToken(ADA);
  const [one, other] = [await access.signIn(token), await access.signIn(token)];
  assert.notEqual(one?.session, other?.session);
  assert.ok(await access.resumeSession(one?.session ?? ""));
  await access.signOut(one?.session ?? "");
  assert.equal(await access.resumeSession(one?.session ?? ""), null);
  assert.ok(await access.resumeSession(other?.session ?? ""));
  await access.signOut(one?.session ?? "");
  await access.signOut("nonsense");
});

test("the last use is noted once a minute at most, and a store that cannot note it keeps nobody out", async (t) => {
  const { access, clock, asked, state, store } = await startCounted(t);
  const { token, id } = await access.createToken(ADA);
  const usedAt = async () => (await store.tokens.findToken(id))?.lastUsedAt ?? null;
  const noted = (at: number) => waitFor(async () => (await usedAt()) === at, { what: `the use at ${at}` });
  await access.identify(`${token.slice(0, 18)}${"0".repeat(64)}`);
  assert.deepEqual([await usedAt(), asked("touchTokens")], [null, 0]);
  await access.identify(token);
  await noted(START);
  clock.advance(59_999);
  await Promise.all(numbers(20).map(() => access.identify(token)));
  assert.equal(asked("touchTokens"), 1);
  clock.advance(1);
  const session = (await access.signIn(token))?.session ?? "";
  await noted(START + 60_000);
  clock.advance(60_000);
  await access.resumeSession(session);
  await noted(START + 120_000);
  clock.advance(60_000);
  assert.ok(await access.identify(token));
  state.down = true;
  clock.advance(500);
  assert.ok(await access.identify(token));
});

test("who watches a token hears once that it has ended, within two seconds", async (t) => {
  const { access, elsewhere, clock } = await start(t);
  const ends: string[] = [];
  const watch = async (name: string, expiresInMs: number | null) => {
    const { token, id } = await access.createToken({ name, scope: "read", expiresInMs });
    const caller = await access.identify(token);
    assert.ok(caller);
    const stop = access.watch(caller, () => ends.push(name));
    access.watch(caller, () => ends.push(`${name} too`));
    return { id, stop };
  };
  await watch("expires", 4_000);
  const [here, there, left] = [await watch("here", null), await watch("there", null), await watch("left", null)];
  access.watch({ name: "anonymous", scope: "admin", tokenId: null }, () => ends.push("anonymous"));
  left.stop();
  left.stop();
  await access.revokeToken(here.id);
  assert.deepEqual(ends.splice(0), ["here", "here too"]);
  const heard = (names: readonly string[]) => waitFor(async () => ends.length >= names.length, { what: names.join() });
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      // A look at the store is over when later ones are.
      for (let turn = 0; turn < 3; turn += 1) await elsewhere.tokens.hasTokens();
    }
  };
  await elsewhere.tokens.revokeToken(there.id, "root");
  await elsewhere.tokens.revokeToken(left.id, "root");
  await pass(2);
  await heard(["there", "there too", "left too"]);
  assert.deepEqual(ends.splice(0).sort(), ["left too", "there", "there too"]);
  await pass(3);
  await heard(["expires", "expires too"]);
  await pass(3);
  assert.deepEqual(ends, ["expires", "expires too"]);
});

test("a token is looked at once a second, however many watch it, and not at all when nobody does", async (t) => {
  const { access, store, clock, asked, state } = await startCounted(t);
  const tokens = [await access.createToken(ADA), await access.createToken({ name: "bob", scope: "read" })];
  const callers = await Promise.all(tokens.map(({ token }) => access.identify(token)));
  let ended = 0;
  const stops = callers.flatMap((caller) =>
    caller ? numbers(50).map(() => access.watch(caller, () => (ended += 1))) : [],
  );
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 3; turn += 1) await store.ping();
    return asked("findToken");
  };
  assert.equal(stops.length, 100);
  asked("findToken");
  for (let second = 0; second < 3; second += 1) assert.equal(await pass(1_000), 2);
  state.down = true;
  assert.equal(await pass(1_000), 2);
  assert.equal(ended, 0);
  state.down = false;
  assert.equal(await pass(1_000), 2);
  for (const stop of stops.slice(0, 99)) stop();
  assert.equal(await pass(1_000), 1);
  stops[99]?.();
  assert.equal(await pass(5_000), 0);
  const [caller] = callers;
  if (caller) access.watch(caller, () => (ended += 1));
  assert.equal(await pass(1_000), 1);
  assert.equal(await pass(1_000), 1);
  assert.equal(ended, 0);
});
