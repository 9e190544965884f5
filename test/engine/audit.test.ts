// The audit: what callers did, page by page, and how long it is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createManager } from "../../src/engine/create-manager.ts";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import type { AuditWrite } from "../../src/ports/store.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { elapse, managerFor, numbers } from "./support.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const entry = (changes: Partial<AuditWrite> = {}): AuditWrite => ({
  actor: "ada",
  tokenId: "0123456789ab",
  address: "192.0.2.7",
  action: "cancelJob",
  target: "job",
  outcome: "done",
  code: null,
  reason: null,
  count: 1,
  ...changes,
});

test("the audit is read newest first, page by page and by what is asked for", async (t) => {
  const { manager, restart } = await managerFor(t, { jobs: [], clock: createFakeClock(START) });
  const { access } = manager;
  assert.deepEqual(await access.audit(), { items: [], nextBefore: null });
  await access.record(numbers(5).map((n) => entry({ target: `${n}`, actor: n % 2 === 0 ? "ada" : "bob" })));
  await access.record([]);
  const first = await access.audit({ limit: 2 });
  assert.deepEqual(
    first.items.map(({ target, at }) => [target, at]),
    [
      ["4", "2026-01-01T00:00:00.000Z"],
      ["3", "2026-01-01T00:00:00.000Z"],
    ],
  );
  const second = await access.audit({ limit: 2, before: first.nextBefore ?? 0 });
  const third = await access.audit({ limit: 2, before: second.nextBefore ?? 0 });
  const targets = [...second.items, ...third.items].map(({ target }) => target);
  assert.deepEqual([targets, third.nextBefore], [["2", "1", "0"], null]);
  assert.equal((await access.audit({ limit: 5 })).nextBefore, null);
  assert.equal((await access.audit({ actor: "bob" })).items.length, 2);
  assert.equal((await access.audit({ outcome: "refused" })).items.length, 0);
  assert.equal((await (await restart()).access.audit()).items.length, 5);
});

test("a page that cannot be is refused", async (t) => {
  const { manager } = await managerFor(t, { jobs: [] });
  const wrong = [
    { limit: 0 },
    { limit: 1_001 },
    { limit: 1.5 },
    { before: 0 },
    { outcome: "maybe" },
    { actors: "ada" },
  ];
  for (const request of wrong) {
    await assert.rejects(manager.access.audit(Object(request)), { code: "invalid_request" }, JSON.stringify(request));
  }
});

test("entries of many callers at once are written together, and all are there", async (t) => {
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: ":memory:", clock });
  t.after(() => store.close());
  let writes = 0;
  const audit = {
    ...store.audit,
    appendAudit(entries: readonly AuditWrite[]) {
      writes += 1;
      return store.audit.appendAudit(entries);
    },
  };
  const fileStore = createDirectoryFileStore({ directory: "unused" });
  const { access } = createManager({ store: { ...store, audit }, fileStore, jobs: [], clock });
  await Promise.all(numbers(900).map((n) => access.record([entry({ target: `${n}` })])));
  assert.ok(writes <= 3, `${writes} writes`);
  const { items } = await access.audit({ limit: 1_000 });
  assert.deepEqual(
    items.map(({ target }) => target),
    numbers(900).map(String).toReversed(),
  );
});

test("entries are kept for as long and as many as was set, and a year long without that", async (t) => {
  const clock = createFakeClock(START);
  const pawl = await managerFor(t, { jobs: [], clock });
  const left = async () => {
    await elapse(clock, pawl, 2 * MINUTE_MS);
    return (await pawl.manager.access.audit()).items.map(({ target }) => target);
  };
  const record = (targets: readonly string[]) => pawl.manager.access.record(targets.map((target) => entry({ target })));
  await record(["1", "2"]);
  clock.setNow(START + 364 * DAY_MS);
  await record(["3"]);
  assert.deepEqual(await left(), ["3", "2", "1"]);
  clock.setNow(START + 365 * DAY_MS);
  assert.deepEqual(await left(), ["3"]);
  await record(numbers(1_500).map((n) => `new ${n}`));
  await pawl.restart({ retention: { audit: { maxAgeMs: null, maxCount: 2 } } });
  assert.deepEqual(await left(), ["new 1499", "new 1498"]);
});
