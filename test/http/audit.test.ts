// The audit: what known callers change or are refused, one by one; what nobody known is refused, in sums.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditEntry } from "../../src/domain/access.ts";
import { createRefusalSums } from "../../src/http/access/refusal-sums.ts";
import type { AuditWrite } from "../../src/ports/store.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { ask } from "./access-call.ts";
import { createGate, createManualClock, serverFor, type TestServer } from "./support.ts";

const JOBS = "/api/v1/jobs";
const submit = (more: object = {}) => ({ method: "POST", body: { type: "echo", input: {}, ...more } }) as const;

/** Newest last, without what differs from run to run. */
async function entries({ manager }: Pick<TestServer, "manager">) {
  const { items } = await manager.access.audit();
  return items.map(({ seq, at, ...entry }) => entry).reverse();
}

const brief = ({ actor, action, target, outcome, code, count }: Omit<AuditEntry, "seq" | "at">) =>
  [actor, action, target, outcome, code, count] as const;

test("a change is in the audit", async (t) => {
  const pawl = await serverFor(t);
  const { server, tokens } = pawl;
  const { id: tokenId, headers } = await tokens.create("operate", { name: "ada" });
  const { body } = await ask<{ id: string }>(server, JOBS, {
    ...submit({ type: "hold" }),
    headers,
    from: "::ffff:192.0.2.7",
  });
  const created = { actor: "ada", tokenId, address: "192.0.2.7", outcome: "done", code: null, count: 1 } as const;
  assert.deepEqual(await entries(pawl), [{ ...created, action: "submitJob", target: body.id, reason: null }]);
  const cancel = { method: "POST", headers, body: { reason: "two columns are swapped" } } as const;
  await ask(server, `${JOBS}/${body.id}/cancel`, cancel);
  const [, cancelled] = await entries(pawl);
  assert.deepEqual(cancelled, {
    ...created,
    address: "127.0.0.1",
    action: "cancelJob",
    target: body.id,
    reason: "two columns are swapped",
  });
});

test("the reply to a change goes out when its entry is stored, not before", async (t) => {
  const { server, pawl } = await serverFor(t);
  const [asked, stored] = [createGate(), createGate()];
  const { audit } = pawl.store;
  const append = audit.appendAudit.bind(audit);
  audit.appendAudit = async (written) => {
    asked.open();
    await stored.passed;
    return append(written);
  };
  let replied = false;
  const reply = ask(server, JOBS, submit()).then(({ status }) => {
    replied = true;
    return status;
  });
  await asked.passed;
  await ask(server, "/healthz");
  assert.equal(replied, false);
  stored.open();
  assert.equal(await reply, 201);
});

test("looking leaves nothing", async (t) => {
  const pawl = await serverFor(t);
  const { headers } = await pawl.tokens.create("admin");
  for (const url of [JOBS, "/metrics", "/api/v1/tokens", `${JOBS}/019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f`, "/nothing"]) {
    await ask(pawl.server, url, { headers });
  }
  assert.deepEqual(await entries(pawl), []);
});

test("what a known caller is refused is in the audit, changes and looks alike", async (t) => {
  const pawl = await serverFor(t);
  const { server, tokens } = pawl;
  const { headers } = await tokens.create("read", { name: "bob" });
  const { headers: admin } = await tokens.create("admin", { name: "root" });
  const unknown = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";
  await ask(server, JOBS, { ...submit(), headers });
  await ask(server, "/api/v1/audit", { headers });
  await ask(server, `${JOBS}/${unknown}`, { method: "DELETE", headers: admin });
  await ask(server, JOBS, { ...submit({ type: "nonsense" }), headers: admin });
  await ask(server, JOBS, { method: "POST", headers: { ...admin, "content-type": "text/csv" }, body: {} });
  assert.deepEqual((await entries(pawl)).map(brief), [
    ["bob", "submitJob", null, "refused", "forbidden", 1],
    ["bob", "listAudit", null, "refused", "forbidden", 1],
    ["root", "removeJob", unknown, "refused", "job_not_found", 1],
    ["root", "submitJob", null, "refused", "unknown_job_type", 1],
    ["root", "submitJob", null, "refused", "unsupported_media_type", 1],
  ]);
});

test("where no credential is needed whoever calls is anonymous", async (t) => {
  const pawl = await serverFor(t);
  await ask(pawl.server, "/api/v1/queues/default/pause", { method: "POST", body: { reason: "lunch" } });
  const [entry] = await entries(pawl);
  assert.ok(entry);
  assert.deepEqual(brief(entry), ["anonymous", "pauseQueue", "default", "done", null, 1]);
  assert.deepEqual([entry.tokenId, entry.reason], [null, "lunch"]);
});

test("many jobs at once are one entry, and only trying it is none", async (t) => {
  const pawl = await serverFor(t);
  const job = { type: "echo", input: {} };
  await ask(pawl.server, `${JOBS}/batch`, { method: "POST", body: { jobs: [job, job, job] } });
  const bulk = { action: "cancel", filter: { type: "hold" } };
  await pawl.call("POST", "/api/v1/bulk-actions", { ...bulk, dryRun: true });
  await pawl.call("POST", "/api/v1/bulk-actions", bulk);
  assert.deepEqual(
    (await entries(pawl)).map(({ action, target }) => [action, target]),
    [
      ["submitJobs", "3 jobs"],
      ["bulkAction", "cancel of 0 jobs"],
    ],
  );
});

test("who signs in and out, and who makes and ends tokens, is in the audit", async (t) => {
  const pawl = await serverFor(t);
  const { server, tokens } = pawl;
  const { id, token, headers } = await tokens.create("admin", { name: "ada" });
  const { cookie } = await ask(server, "/api/v1/session", { method: "POST", body: { token } });
  const browser = { cookie: cookie.split(";", 1)[0] ?? "" };
  await ask(server, "/api/v1/session", { method: "DELETE", headers: browser });
  await ask(server, "/api/v1/session", { method: "DELETE", headers: browser });
  const body = { name: "bob", scope: "read" };
  const made = await ask<{ id: string }>(server, "/api/v1/tokens", { method: "POST", body, headers });
  await ask(server, `/api/v1/tokens/${made.body.id}`, { method: "DELETE", headers });
  assert.deepEqual((await entries(pawl)).map(brief), [
    ["ada", "startSession", id, "done", null, 1],
    ["ada", "endSession", id, "done", null, 1],
    ["ada", "createToken", made.body.id, "done", null, 1],
    ["ada", "revokeToken", made.body.id, "done", null, 1],
  ]);
});

test("refusals of callers who are not known are summed up once a minute", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const pawl = await serverFor(t, { clock, auth: "on" }, { clock });
  const { server } = pawl;
  for (let times = 0; times < 3; times += 1) await ask(server, JOBS, submit());
  await ask(server, JOBS, { ...submit(), headers: { authorization: "Bearer pawl_x" } });
  await ask(server, JOBS);
  await ask(server, JOBS, { ...submit(), headers: { origin: "http://evil.com" } });
  await ask(server, "/nothing", { headers: { host: "evil.com" } });
  await ask(server, "/nothing");
  await ask(server, "/api/v1/session", { method: "POST", body: { token: "x" } });
  assert.deepEqual(await entries(pawl), []);
  clock.advance(60_000);
  const summed = await waitFor(
    async () => {
      const found = await entries(pawl);
      return found.length > 0 && found;
    },
    { what: "the sums" },
  );
  assert.deepEqual(summed.map(brief).sort(), [
    [null, "listJobs", null, "refused", "unauthenticated", 1],
    [null, "other", null, "refused", "misdirected_request", 1],
    [null, "startSession", null, "refused", "unauthenticated", 1],
    [null, "submitJob", null, "refused", "forbidden", 1],
    [null, "submitJob", null, "refused", "unauthenticated", 4],
  ]);
  assert.deepEqual([summed[0]?.address, summed[0]?.tokenId], [null, null]);
});

test("what was only counted is written when the server closes", async (t) => {
  const pawl = await serverFor(t, { auth: "on" });
  await ask(pawl.server, JOBS);
  await pawl.server.close();
  assert.deepEqual((await entries(pawl)).map(brief), [[null, "listJobs", null, "refused", "unauthenticated", 1]]);
});

test("a change stands when its entry cannot be stored, and the log has the entry", async (t) => {
  const pawl = await serverFor(t);
  const { manager, logged } = pawl;
  const { headers } = await pawl.tokens.create("operate", { name: "ada" });
  // A store that takes jobs and no audit: as when the disk fills up in between.
  const full = new Error("disk full");
  pawl.pawl.store.audit.appendAudit = () => Promise.reject(full);
  const answer = await ask<{ id: string }>(pawl.server, JOBS, { ...submit(), headers });
  assert.equal(answer.status, 201);
  assert.ok(await manager.get(answer.body.id));
  const audit = { actor: "ada", action: "submitJob", target: answer.body.id, outcome: "done" };
  const line = logged.find(({ fields }) => "audit" in fields);
  assert.partialDeepStrictEqual(line?.fields, { audit, err: full });
});

test("nothing that a caller sends can look like another line, or hide", async (t) => {
  const pawl = await serverFor(t);
  const nasty = "a\r\nb\u0000c\u001b[2Jd\u2028e\u202ef\u{d800}g";
  const path = `/api/v1/queues/${encodeURIComponent("q\r\nx\u202e")}/pause`;
  await ask(pawl.server, path, { method: "POST", body: { reason: nasty } });
  await ask(pawl.server, path, { method: "POST", body: { reason: "r".repeat(100_000) } });
  const found = await entries(pawl);
  assert.equal(found.length, 2);
  for (const { target, reason } of found) {
    assert.doesNotMatch(`${target}${reason}`, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u);
    assert.ok((reason ?? "").length <= 1_000);
  }
});

test("a page of the audit is read by admins, filtered, newest first", async (t) => {
  const { server, tokens } = await serverFor(t);
  const { headers } = await tokens.create("admin", { name: "ada" });
  for (const name of ["a", "b", "c"]) await ask(server, `/api/v1/queues/${name}/pause`, { method: "POST", headers });
  await ask(server, JOBS, { ...submit({ type: "nonsense" }), headers });
  type Page = { items: AuditEntry[]; nextBefore: number | null };
  const read = async (query: string) => (await ask<Page>(server, `/api/v1/audit?${query}`, { headers })).body;
  const first = await read("action=pauseQueue&limit=2");
  assert.deepEqual(
    first.items.map(({ target }) => target),
    ["c", "b"],
  );
  const second = await read(`action=pauseQueue&limit=2&before=${first.nextBefore}`);
  assert.deepEqual([second.items.map(({ target }) => target), second.nextBefore], [["a"], null]);
  assert.deepEqual(
    (await read("outcome=refused")).items.map(({ code }) => code),
    ["unknown_job_type"],
  );
  assert.equal((await ask(server, "/api/v1/audit?before=x", { headers })).status, 400);
});

test("however many different refusals there are, few are counted apart", async () => {
  const written: AuditWrite[] = [];
  const clock = createManualClock();
  const sums = createRefusalSums({ clock, write: async (more) => void written.push(...more) });
  const caller = (id: number) => ({ name: `caller-${id}`, scope: "read", tokenId: String(id) }) as const;
  for (let id = 0; id < 2_000; id += 1) sums.count({ action: "getJob", code: "rate_limited", caller: caller(id) });
  clock.advance(60_000);
  assert.equal(written.length, 501);
  assert.equal(
    written.reduce((all, { count }) => all + count, 0),
    2_000,
  );
  const rest = written.find(({ action }) => action === "other");
  assert.deepEqual([rest?.actor, rest?.count], [null, 1_500]);
  clock.advance(600_000);
  assert.equal(written.length, 501, "nothing is written where nothing was counted");
});
