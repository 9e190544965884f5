// The authorisation matrix: every operation of the document, and every route outside of it, with everything that a caller
// may show. The document and the table that was written by hand have to agree, and the server with both.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { AuditEntry } from "../../src/domain/access.ts";
import { type CompatServer, compatServerFor, ENDLESS_MS } from "../http/compat/support.ts";
import { createManualClock } from "../http/support.ts";
import { waitFor } from "../support/wait-for.ts";
import { createCredentials, type Shown } from "./credentials.ts";
import { type Described, operationsOf, readDocument } from "./generated/described.ts";
import { createSender, type GeneratedReply, type Sender } from "./generated/send.ts";
import { CHANGING_GETS, SCOPE_OF } from "./scopes.ts";
import { createStoredStateReader, growthOf, type StoredState, type StoredStateReader } from "./stored-state.ts";

const RANKS = ["public", "read", "operate", "admin"];
const MINUTE_MS = 60_000;

interface Matrix extends CompatServer {
  readonly clock: ReturnType<typeof createManualClock>;
  readonly operations: readonly Described[];
  readonly credentials: readonly Shown[];
  readonly sender: Sender;
  readonly stored: StoredStateReader;
  /** What path and query parameters are filled with. */
  readonly names: Readonly<Record<string, string>>;
}

async function startMatrix(t: TestContext): Promise<Matrix> {
  const clock = createManualClock();
  const server = await compatServerFor(t, { server: { auth: "on", clock } });
  const { manager } = server;
  const operations = operationsOf(await readDocument(server.url));
  const credentials = await createCredentials(manager);
  const job = await manager.submit({ type: "ticker", input: { intervalMs: ENDLESS_MS } });
  // From now on it only waits.
  await waitFor(async () => (await manager.logs(job.id, {})).length > 0, { what: "the job's first line" });
  await manager.schedules.create({ name: "yearly", cron: "0 0 1 1 *", type: "ticker", input: {} });
  const file = { name: "rows.csv", mediaType: "text/csv", maxBytes: 1_000 };
  const upload = await manager.files.upload(new Blob(["name\nAda\n"]).stream(), file);
  const victim = await manager.access.createToken({ name: "victim", scope: "read" });
  const sender = createSender(server.url);
  const stored = createStoredStateReader(server.pawl.directory);
  t.after(() => {
    sender.close();
    stored.close();
  });
  const names = { job: job.id, file: upload.id, token: victim.id, secret: victim.token };
  return { ...server, clock, operations, credentials, sender, stored, names };
}

/** A request that would do what the operation is for, if it is let in. */
async function send(matrix: Matrix, operation: Described, shown: Shown, method = operation.method) {
  const { names, sender } = matrix;
  const inPath: Readonly<Record<string, string>> = {
    "/api/v1/files/{id}": names.file ?? "",
    "/api/v1/tokens/{id}": names.token ?? "",
    "/api/v1/schedules/{name}": "yearly",
  };
  const named = inPath[operation.path] ?? names.job ?? "";
  const query = operation.parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  const pairs = query.map(({ name }) => `${name}=${name === "action" ? "stop" : "some-id"}`);
  const target = `${operation.path.replaceAll(/\{\w+\}/g, named)}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
  const { type, body } = bodyFor(operation, names);
  const content: Record<string, string> = body ? { "content-type": type, "content-length": String(body.length) } : {};
  const headers = { host: "localhost", ...content, ...(await shown.headers()) };
  const reply = await sender.send({ method, target, headers, body: method === "HEAD" ? null : body });
  assert.ok(reply);
  return reply;
}

const FORM = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nname\nAda\n\r\n--b--\r\n';

function bodyFor({ requestBody, operationId }: Described, names: Matrix["names"]) {
  const json = requestBody?.content["application/json"];
  if (operationId === "startSession") return jsonOf({ token: names.secret });
  if (operationId === "bulkAction") return jsonOf({ action: "pause", filter: { key: "nobody" } });
  if (json) return jsonOf(json.example);
  if (!requestBody) return { type: "", body: null };
  return { type: "multipart/form-data; boundary=b", body: Buffer.from(FORM) };
}

const jsonOf = (value: unknown) => ({ type: "application/json", body: Buffer.from(JSON.stringify(value)) });

const codeOf = ({ body }: GeneratedReply): unknown => (body.startsWith("{") ? JSON.parse(body).code : undefined);

/** What a caller has to be told, if not let in. */
function refusalOf(needed: string, { scope }: Shown): readonly [number, string] | null {
  if (needed === "public") return null;
  if (scope === null) return [401, "unauthenticated"];
  return RANKS.indexOf(scope) >= RANKS.indexOf(needed) ? null : [403, "forbidden"];
}

const isChange = ({ method, operationId }: Described) => method !== "GET" || CHANGING_GETS.has(operationId);

test("the document asks of every operation what the table says, and the table has nothing else", async (t) => {
  const { operations } = await startMatrix(t);
  const documented = operations.map(({ operationId, security }) => {
    const scopes = security.map((scheme) => JSON.stringify(scheme));
    if (scopes.length === 0) return [operationId, "public"];
    const [scope = ""] = security[0]?.bearerToken ?? [];
    const both = [`{"bearerToken":["${scope}"]}`, `{"session":["${scope}"]}`];
    return [operationId, isSame(scopes, both) ? scope : `something else: ${scopes.join()}`];
  });
  assert.deepEqual(Object.fromEntries(documented), SCOPE_OF);
});

const isSame = (some: readonly string[], others: readonly string[]) => some.join() === others.join();

test("no operation lets in who may not; a refusal changes nothing, and is in the audit", async (t) => {
  const matrix = await startMatrix(t);
  const wrong: string[] = [];
  let unknown = 0;
  for (const operation of matrix.operations) {
    const needed = SCOPE_OF[operation.operationId] ?? "nobody's";
    // An address that shows too many wrong credentials has to wait for a minute.
    matrix.clock.advance(MINUTE_MS);
    const before = matrix.stored.read();
    for (const shown of matrix.credentials.filter((one) => refusalOf(needed, one) !== null)) {
      const found = await refuses(matrix, operation, { shown, needed });
      if (found !== null) wrong.push(`${operation.operationId}, ${shown.name}: ${found}`);
      if (shown.scope === null) unknown += 1;
    }
    wrong.push(...changesOf(operation, before, matrix.stored.read()));
  }
  assert.equal(wrong.length, 0, wrong.join("\n"));
  matrix.clock.advance(MINUTE_MS);
  await waitFor(async () => (await countUnknown(matrix)) === unknown, { what: `${unknown} refusals to be summed up` });
});

test("every operation lets in who may, and a change is in the audit", async (t) => {
  const matrix = await startMatrix(t);
  const wrong: string[] = [];
  for (const operation of matrix.operations) {
    const needed = SCOPE_OF[operation.operationId] ?? "nobody's";
    for (const shown of matrix.credentials.filter((one) => refusalOf(needed, one) === null)) {
      const found = await admits(matrix, operation, shown);
      if (found !== null) wrong.push(`${operation.operationId}, ${shown.name}: ${found}`);
    }
  }
  assert.equal(wrong.length, 0, wrong.join("\n"));
});

/** Sessions are begun for the requests themselves. */
function changesOf({ operationId }: Described, before: StoredState, after: StoredState): readonly string[] {
  const { sessions: _begun, ...changes } = growthOf(before, after);
  const told = Object.entries(changes).map(([table, change]) => `${table}: ${change}`);
  return told.length === 0 ? [] : [`${operationId}: a refused request changed ${told.join("; ")}`];
}

interface Refused {
  readonly shown: Shown;
  readonly needed: string;
}

/** What is wrong with how it refuses; `null`: nothing. */
async function refuses(matrix: Matrix, operation: Described, { shown, needed }: Refused): Promise<string | null> {
  const [status, code] = refusalOf(needed, shown) ?? [0, ""];
  const last = await lastEntry(matrix);
  const reply = await send(matrix, operation, shown);
  if (reply.status !== status || codeOf(reply) !== code) return `${reply.status} ${reply.body}, not ${status} ${code}`;
  const entry = await lastEntry(matrix);
  if (shown.scope === null) return entry?.seq === last?.seq ? null : "an entry for somebody who is not known";
  return tellsOf(entry, { shown, operation, outcome: "refused", code });
}

/** What is wrong with how it lets in; `null`: nothing. */
async function admits(matrix: Matrix, operation: Described, shown: Shown): Promise<string | null> {
  const last = await lastEntry(matrix);
  const reply = await send(matrix, operation, shown);
  if ([401, 403, 421, 429].includes(reply.status) || reply.status >= 500) return `${reply.status} ${reply.body}`;
  if (!operation.responses[String(reply.status)]) return `${reply.status}, which the document does not have`;
  const entry = await lastEntry(matrix);
  if (!isChange(operation)) return entry?.seq === last?.seq ? null : "an entry for who only looked";
  if (shown.actor === null || SCOPE_OF[operation.operationId] === "public") return null;
  const refused = reply.status >= 400;
  return tellsOf(entry, { shown, operation, outcome: refused ? "refused" : "done", code: refused ? undefined : null });
}

interface Told {
  readonly shown: Shown;
  readonly operation: Described;
  readonly outcome: AuditEntry["outcome"];
  /** `undefined`: any. */
  readonly code: string | null | undefined;
}

function tellsOf(entry: AuditEntry | undefined, { shown, operation, outcome, code }: Told): string | null {
  const { actor, tokenId } = shown;
  const expected = { actor, tokenId, action: operation.operationId, outcome, address: "127.0.0.1", count: 1 };
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, Object(entry)[name]]));
  if (JSON.stringify(found) === JSON.stringify(expected) && (code === undefined || entry?.code === code)) return null;
  return `the audit tells ${JSON.stringify(entry)}`;
}

/** Of somebody who is known: the sums of others come when they come. */
async function lastEntry({ manager }: Matrix): Promise<AuditEntry | undefined> {
  const { items } = await manager.access.audit({ limit: 20 });
  return items.find(({ actor }) => actor !== null);
}

/** Refusals of callers that nobody knows, as the audit sums them up. */
async function countUnknown({ manager }: Matrix): Promise<number> {
  const { items } = await manager.access.audit({ outcome: "refused", limit: 1_000 });
  return items
    .filter(({ actor, code }) => actor === null && code === "unauthenticated")
    .reduce((sum, { count }) => sum + count, 0);
}

test("a HEAD request needs what its GET needs, and those that change something have none", async (t) => {
  const matrix = await startMatrix(t);
  for (const operation of matrix.operations.filter(({ method }) => method === "GET")) {
    matrix.clock.advance(MINUTE_MS);
    const needed = SCOPE_OF[operation.operationId] ?? "nobody's";
    const hasHead = !operation.operationId.startsWith("earlier") && !operation.operationId.startsWith("stream");
    for (const shown of matrix.credentials) {
      const { status } = await send(matrix, operation, shown, "HEAD");
      const label = `HEAD ${operation.path} with ${shown.name}`;
      if (!hasHead) assert.equal(status, 405, label);
      else if (refusalOf(needed, shown)) assert.equal(status, refusalOf(needed, shown)?.[0], label);
      else assert.ok(status < 401 || status === 404, `${label}: ${status}`);
    }
  }
});

/** Routes that are no operations: they tell nothing that the public document does not. */
const PAGES: readonly (readonly [method: string, target: string, status: number])[] = [
  ["GET", "/", 302],
  ["GET", "/docs", 200],
  ["GET", "/docs/", 200],
  ["GET", "/docs/scalar.js", 200],
  ["GET", "/swagger", 200],
  ["GET", "/swagger/", 200],
  ["HEAD", "/docs", 200],
  ["GET", "/nothing", 404],
  ["POST", "/api/v1/nothing", 404],
  ["GET", "/api/v1", 404],
  ["OPTIONS", "/api/v1/jobs", 405],
  ["PUT", "/api/v1/jobs", 405],
  ["TRACE", "/api/v1/tokens", 405],
];

test("what is outside of the document is the same for everybody, and tells nobody anything", async (t) => {
  const matrix = await startMatrix(t);
  const bodies = new Map<string, string>();
  for (const shown of matrix.credentials) {
    for (const [method, target, status] of PAGES) {
      const headers = { host: "localhost", ...(await shown.headers()) };
      const reply = await matrix.sender.send({ method, target, headers, body: null });
      const label = `${method} ${target} with ${shown.name}`;
      assert.equal(reply?.status, status, label);
      assert.equal(bodies.get(method + target) ?? reply?.body, reply?.body, label);
      bodies.set(method + target, reply?.body ?? "");
    }
  }
});

test("who may steer jobs may not roll back finished ones, not even many at once", async (t) => {
  const matrix = await startMatrix(t);
  const operation = matrix.operations.find(({ operationId }) => operationId === "bulkAction");
  assert.ok(operation);
  const before = matrix.stored.read();
  for (const shown of matrix.credentials.filter(({ scope }) => scope === "operate")) {
    const body = Buffer.from('{"action":"rollback","filter":{"type":"ticker"}}');
    const headers = { host: "localhost", "content-type": "application/json", ...(await shown.headers()) };
    const reply = await matrix.sender.send({ method: "POST", target: "/api/v1/bulk-actions", headers, body });
    assert.equal(reply?.status, 403, shown.name);
    const found = tellsOf(await lastEntry(matrix), { shown, operation, outcome: "refused", code: "forbidden" });
    assert.equal(found, null);
  }
  assert.deepEqual(changesOf(operation, before, matrix.stored.read()), []);
});
