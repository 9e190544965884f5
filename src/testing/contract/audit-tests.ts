// The audit: what was written is read, narrowed down and shortened.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { AuditEntry, AuditFilter } from "../../domain/access.ts";
import type { AuditWrite, Store } from "../../ports/store.ts";
import { one, type Register } from "./context.ts";

const entry = (changes: Partial<AuditWrite> = {}): AuditWrite => ({
  actor: "ada",
  tokenId: "5f2c9a01b7d4",
  address: "192.0.2.7",
  action: "submitJob",
  target: null,
  outcome: "done",
  code: null,
  reason: null,
  count: 1,
  ...changes,
});

const WHOLE = { filter: {}, before: null, limit: 1_000 };
const reasonsOf = (entries: readonly AuditEntry[]) => entries.map(({ reason }) => reason);

/** Entries with the reasons 1 to `count`, each a millisecond after the one before. */
async function appendMany(store: Store, advance: (ms: number) => unknown, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    await store.audit.appendAudit([entry({ reason: String(index) })]);
    await advance(1);
  }
}

export function auditTests(test: Register): void {
  readTests(test);
  filterTests(test);
  pruneTests(test);
}

function readTests(test: Register): void {
  test("entries are read newest first, as they were written", async ({ store, advance }) => {
    deepEqual(await store.audit.audit(WHOLE), []);
    const first = entry({ reason: "two \"columns\" are 'swapped'\n", target: "job\u0000 é" });
    const second = entry({
      actor: null,
      tokenId: null,
      address: null,
      outcome: "refused",
      code: "forbidden",
      count: 9,
    });
    const third = entry({ action: "tokens create", target: "bob" });
    await store.audit.appendAudit([first, second]);
    await advance(10);
    await store.audit.appendAudit([]);
    await store.audit.appendAudit([third]);
    const read = await store.audit.audit(WHOLE);
    deepEqual(
      read.map(({ seq: _seq, at: _at, ...rest }) => rest),
      [third, second, first],
    );
    const [c, b, a] = read;
    ok(a && b && c && a.seq < b.seq && b.seq < c.seq);
    deepEqual([a.at === b.at, Date.parse(c.at) - Date.parse(b.at)], [true, 10]);
  });

  test("entries that are written at the same time are all there, each writer's in order", async ({ store }) => {
    const writers = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(
      writers.map((writer) =>
        store.audit.appendAudit([1, 2, 3].map((step) => entry({ actor: `${writer}`, reason: `${step}` }))),
      ),
    );
    equal((await store.audit.audit(WHOLE)).length, 60);
    for (const writer of writers) {
      deepEqual(reasonsOf(await store.audit.audit({ ...WHOLE, filter: { actor: `${writer}` } })), ["3", "2", "1"]);
    }
  });

  test("entries of one call are stored all or none", async ({ store }) => {
    const good = [entry({ reason: "1" }), entry({ reason: "2" })];
    const bad = [entry({ reason: "3" }), entry({ reason: "4", count: 0.5 })];
    const results = await Promise.allSettled([
      store.audit.appendAudit(good),
      store.audit.appendAudit(bad),
      store.audit.appendAudit([entry({ reason: "5" })]),
    ]);
    deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    deepEqual(reasonsOf(await store.audit.audit(WHOLE)), ["5", "2", "1"]);
  });
}

/** Entries in which actors, actions, targets and outcomes meet in every way. */
function mixedEntries(): readonly AuditWrite[] {
  const pick = <T>(values: readonly [T, ...T[]], index: number): T => values[index % values.length] ?? values[0];
  return Array.from({ length: 108 }, (_, index) =>
    entry({
      actor: pick(["ada", "bob", null], index),
      action: pick(["submitJob", "cancelJob"], index),
      target: pick(["a", "b", null], Math.floor(index / 3)),
      outcome: pick(["done", "refused"], Math.floor(index / 5)),
      reason: String(index),
    }),
  );
}

/** Each criterion with each of its values, and without it. */
function allFilters(): readonly AuditFilter[] {
  const filters: AuditFilter[] = [];
  for (const actor of [{ actor: "ada" }, {}]) {
    for (const action of [{ action: "cancelJob" }, { action: "other" }, {}]) {
      for (const target of [{ target: "b" }, {}]) {
        for (const outcome of [{ outcome: "done" }, { outcome: "refused" }, {}] as const) {
          filters.push({ ...actor, ...action, ...target, ...outcome });
        }
      }
    }
  }
  return filters;
}

const isMatch = (written: AuditWrite, { actor, action, target, outcome }: AuditFilter): boolean =>
  (actor === undefined || written.actor === actor) &&
  (action === undefined || written.action === action) &&
  (target === undefined || written.target === target) &&
  (outcome === undefined || written.outcome === outcome);

function filterTests(test: Register): void {
  const PAGE = 7;

  async function readPages(store: Store, filter: AuditFilter): Promise<readonly (string | null)[]> {
    const read: AuditEntry[] = [];
    for (;;) {
      const page = await store.audit.audit({ filter, before: read.at(-1)?.seq ?? null, limit: PAGE });
      read.push(...page);
      ok(page.length <= PAGE);
      if (page.length < PAGE) return reasonsOf(read);
    }
  }

  test("every combination of filters finds what matches it, page by page", async ({ store }) => {
    const all = mixedEntries();
    await store.audit.appendAudit(all);
    for (const filter of allFilters()) {
      const wanted = all.filter((written) => isMatch(written, filter)).map(({ reason }) => reason);
      deepEqual(await readPages(store, filter), wanted.toReversed(), JSON.stringify(filter));
    }
  });
}

function pruneTests(test: Register): void {
  const left = async (store: Store) => reasonsOf(await store.audit.audit(WHOLE));

  test("entries go when they are old enough, the oldest first, and no more than asked for", async ({
    store,
    advance,
  }) => {
    await appendMany(store, advance, 6);
    const rule = { maxAgeMs: 3, maxCount: null, limit: 2 };
    equal(await store.audit.pruneAudit({ ...rule, maxAgeMs: 7 }), 0);
    equal(await store.audit.pruneAudit(rule), 2);
    deepEqual(await left(store), ["6", "5", "4", "3"]);
    equal(await store.audit.pruneAudit(rule), 2);
    equal(await store.audit.pruneAudit(rule), 0);
    deepEqual(await left(store), ["6", "5"]);
  });

  test("beyond the newest few, entries go, the oldest first, and no more than asked for", async ({
    store,
    advance,
  }) => {
    await appendMany(store, advance, 6);
    const rule = { maxAgeMs: null, maxCount: 3, limit: 2 };
    equal(await store.audit.pruneAudit({ ...rule, maxCount: 6 }), 0);
    equal(await store.audit.pruneAudit(rule), 2);
    equal(await store.audit.pruneAudit(rule), 1);
    equal(await store.audit.pruneAudit(rule), 0);
    deepEqual(await left(store), ["6", "5", "4"]);
    equal(await store.audit.pruneAudit({ ...rule, maxCount: 0, limit: 100 }), 3);
    equal(await store.audit.pruneAudit({ ...rule, maxCount: 0 }), 0);
  });

  test("both rules count together, and without a rule nothing goes", async ({ store, advance }) => {
    await appendMany(store, advance, 6);
    equal(await store.audit.pruneAudit({ maxAgeMs: null, maxCount: null, limit: 100 }), 0);
    equal(await store.audit.pruneAudit({ maxAgeMs: 5, maxCount: 3, limit: 100 }), 3);
    await appendMany(store, advance, 1);
    equal(await store.audit.pruneAudit({ maxAgeMs: 3, maxCount: 100, limit: 100 }), 2);
    deepEqual(await left(store), ["1", "6"]);
  });

  test("a number is never given twice, even when every entry has gone", async ({ store, advance }) => {
    await appendMany(store, advance, 3);
    const last = (await store.audit.audit(WHOLE))[0]?.seq ?? Number.NaN;
    equal(await store.audit.pruneAudit({ maxAgeMs: 0, maxCount: null, limit: 100 }), 3);
    await appendMany(store, advance, 1);
    ok(one(await store.audit.audit(WHOLE)).seq > last);
  });
}
