// Bad requests and bad days: every answer is a problem with a code, and none tells more than it should.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_CODES } from "../../src/domain/errors.ts";
import type { DatasetCatalog } from "../../src/ports/datasets.ts";
import { type Answer, assertProblem, sendRaw, serverFor, type TestServer } from "./support.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

async function postRaw({ url }: TestServer, body: string | Uint8Array<ArrayBuffer>): Promise<Answer<unknown>> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/jobs`, { method: "POST", headers, body });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test("a body that is not what JSON should be is refused", async (t) => {
  const http = await serverFor(t);
  const latin1 = new Uint8Array(Buffer.from('{"type":"echo","input":{"a":"é"}}', "latin1"));
  const bodies: readonly (string | Uint8Array<ArrayBuffer>)[] = [
    "{",
    "{'type':'echo'}",
    "nonsense",
    "[]",
    "1",
    "null",
    '"text"',
    latin1,
    `{"type":"echo","input":${nested(33)}}`,
    nested(200_000),
    '{"type":"echo","input":{"__proto__":{"admin":true}}}',
    '{"type":"echo","input":{"\\u005f_proto__":1}}',
    '{"type":"echo","input":{"a":[{"constructor":{"prototype":{}}}]}}',
    '{"type":"echo","input":{},"__proto__":{}}',
  ];
  for (const body of bodies) assertProblem(await postRaw(http, body), 400, "invalid_request");
  assert.deepEqual((await http.manager.list()).items, []);
  assert.equal(Object.hasOwn(Object.prototype, "admin"), false);
});

test("a body may be as deep and as large as it says, and not more", async (t) => {
  const http = await serverFor(t);
  const depth = await postRaw(http, `{"type":"echo","input":{"a":${nested(29)}}}`);
  assert.equal(depth.status, 201, JSON.stringify(depth.body));
  const withText = (length: number) => `{"type":"echo","input":{"a":"${"x".repeat(length)}"}}`;
  assert.equal((await postRaw(http, withText(256 * 1024 - 8))).status, 201);
  assertProblem(await postRaw(http, withText(256 * 1024)), 413, "payload_too_large");
  assertProblem(await postRaw(http, withText(1024 * 1024)), 413, "payload_too_large");
});

test("an unknown path is 404, a known one with another method 405 and says which", async (t) => {
  const { call, url } = await serverFor(t);
  for (const path of ["/nothing", "/api", "/api/v1/jobs/x/y", "/api/v2/jobs", "/docs/other.js"]) {
    assertProblem(await call("GET", path), 404, "not_found");
  }
  const put = await call("PUT", "/api/v1/jobs", {});
  assertProblem(put, 405, "method_not_allowed");
  assert.equal(put.headers.get("allow"), "GET, HEAD, POST");
  const get = await call("GET", "/api/v1/jobs/x/pause");
  assertProblem(get, 405, "method_not_allowed");
  assert.equal(get.headers.get("allow"), "POST");
  assertProblem(await call("OPTIONS", "/api/v1/jobs"), 405, "method_not_allowed");
  assert.equal((await fetch(`${url}/api/v1/jobs`, { method: "HEAD" })).status, 200);
});

test("a malformed path or request line is answered, not dropped", async (t) => {
  const { call, url } = await serverFor(t);
  assertProblem(await call("GET", "/api/v1/jobs/%zz"), 400, "invalid_request");
  assertProblem(await call("GET", `/api/v1/jobs/${"x".repeat(5_000)}`), 400, "invalid_request");
  const answer = await sendRaw(url, "GET /\0 HTTP/1.1\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /application\/problem\+json/);
  assert.match(await sendRaw(url, "GET /api/v1/jobs HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 421 /);
});

test("an unexpected error tells nothing but where to look for it", async (t) => {
  const broken: DatasetCatalog = {
    async list() {
      throw new Error("SELECT secret FROM /home/somebody/pawl.db");
    },
    rows: async () => null,
  };
  const { call, logged } = await serverFor(t, { datasets: broken });
  const answer = await call("GET", "/api/v1/datasets");
  const problem = assertProblem(answer, 500, "internal");
  assert.doesNotMatch(JSON.stringify(problem), /SELECT|home|pawl\.db|\.ts/);
  assert.notEqual(problem.correlationId, undefined);
  const entry = logged.find(({ fields }) => Object.values(fields).includes(problem.correlationId));
  assert.match(String(Object(entry?.fields).err), /SELECT secret/);
});

test("datasets are shown through their port, page by page", async (t) => {
  const rows = ["1", "2", "3"].map((position) => ({
    position,
    values: { name: `n${position}` },
    importJobId: "j",
    line: Number(position) + 1,
  }));
  const datasets: DatasetCatalog = {
    list: async () => [
      {
        name: "contacts",
        columns: ["name"],
        rows: 3,
        imports: [{ jobId: "j", rows: 3, at: "2025-11-21T09:30:00.000Z" }],
      },
    ],
    rows: async (name, { limit, after }) =>
      name === "contacts" ? rows.filter((row) => row.position > (after ?? "")).slice(0, limit) : null,
  };
  const { call } = await serverFor(t, { datasets });
  const list = await call<unknown>("GET", "/api/v1/datasets");
  assert.deepEqual(list.body, { items: await datasets.list() });
  const page = await call<unknown>("GET", "/api/v1/datasets/contacts/rows?limit=2");
  assert.deepEqual(page.body, { items: rows.slice(0, 2), nextAfter: "2" });
  const rest = await call<unknown>("GET", "/api/v1/datasets/contacts/rows?limit=2&after=2");
  assert.deepEqual(rest.body, { items: rows.slice(2), nextAfter: null });
  assertProblem(await call("GET", "/api/v1/datasets/other/rows"), 404, "not_found");
});

test("the server is healthy as long as it answers, and ready only while it takes work", async (t) => {
  const { call, manager } = await serverFor(t);
  assert.deepEqual((await call<unknown>("GET", "/healthz")).body, { status: "ok" });
  assert.deepEqual((await call<unknown>("GET", "/readyz")).body, { status: "ready" });
  await manager.stop();
  assert.equal((await call("GET", "/healthz")).status, 200);
  assertProblem(await call("GET", "/readyz"), 503, "draining");
});

test("when the store is gone, requests are told so, and the server lives on", async (t) => {
  const { call, pawl } = await serverFor(t);
  // Another manager takes the folder over; the one that the server knows has lost its store.
  await pawl.crash();
  assert.equal((await call("GET", "/healthz")).status, 200);
  for (const [method, path] of [
    ["GET", "/readyz"],
    ["GET", "/api/v1/jobs"],
    ["GET", "/api/v1/jobs/x"],
  ] as const) {
    assertProblem(await call(method, path), 503, "store_unavailable");
  }
  assertProblem(await call("POST", "/api/v1/jobs", { type: "echo", input: {} }), 503, "store_unavailable");
});

test("every error code has a status that is an error", () => {
  for (const { status } of Object.values(ERROR_CODES)) assert.ok(status >= 400 && status < 600);
});
