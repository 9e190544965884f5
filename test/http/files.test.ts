// Files in and out: streamed, bounded, gone again when the request turns out to be no good.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import type { FileView } from "../../src/api/file-operations.ts";
import type { LogLineView, RecordPage } from "../../src/api/records.ts";
import type { Artifact, Job } from "../../src/domain/job.ts";
import { storedFiles } from "../support/stored-files.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Answer, assertProblem, serverFor, type TestServer } from "./support.ts";

const CSV = "name,phone\nAda,1\n";
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

async function post<T = Job>(
  { url }: TestServer,
  path: string,
  body: FormData | Uint8Array<ArrayBuffer> | string,
  headers = {},
): Promise<Answer<T>> {
  const response = await fetch(url + path, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

const form = (...fields: readonly (readonly [name: string, value: string | File])[]) => {
  const data = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === "string") data.append(name, value);
    else data.append(name, value, value.name);
  }
  return data;
};
const csv = (name = "contacts.csv") => new File([CSV], name, { type: "text/csv" });
const job = (input: object) => JSON.stringify({ type: "swallow", input });

test("a file can be the body itself, of any type", async (t) => {
  const http = await serverFor(t);
  for (const type of ["text/csv", "application/json", "application/octet-stream", "text/plain; charset=utf-8"]) {
    const { status, headers, body } = await post<FileView>(http, "/api/v1/files?name=a%20b.csv", CSV, {
      "content-type": type,
    });
    assert.equal(status, 201);
    assert.equal(headers.get("location"), `/api/v1/files/${body.id}`);
    assert.deepEqual(body, {
      id: body.id,
      name: "a b.csv",
      size: CSV.length,
      sha256: sha256(CSV),
      mediaType: type.split(";")[0],
    });
  }
});

test("a packed body is refused, since it would be stored as something else", async (t) => {
  const http = await serverFor(t);
  const headers = { "content-type": "text/csv", "content-encoding": "gzip" };
  assertProblem(await post(http, "/api/v1/files", CSV, headers), 415, "unsupported_media_type");
  assert.deepEqual(await storedFiles(http.pawl), []);
  assert.equal((await post(http, "/api/v1/files", CSV, { ...headers, "content-encoding": "identity" })).status, 201);
});

test("a file can be a form field, and comes back byte for byte", async (t) => {
  const http = await serverFor(t);
  const bytes = randomBytes(3_000_000);
  const { status, body } = await post<FileView>(http, "/api/v1/files", form(["file", new File([bytes], "big.bin")]));
  assert.equal(status, 201);
  assert.equal(body.sha256, sha256(bytes));
  const response = await fetch(`${http.url}/api/v1/files/${body.id}`);
  assert.equal(response.headers.get("content-length"), String(bytes.length));
  assert.equal(response.headers.get("etag"), `"${body.sha256}"`);
  assert.equal(sha256(new Uint8Array(await response.arrayBuffer())), body.sha256);
});

test("downloads are attachments that no browser renders, whatever their name", async (t) => {
  const http = await serverFor(t);
  const name = `é"<b>\\ %41.html`;
  const { body } = await post<FileView>(http, `/api/v1/files?name=${encodeURIComponent(name)}`, "<script>", {
    "content-type": "text/html",
  });
  assert.equal(body.name, name);
  const { headers } = await fetch(`${http.url}/api/v1/files/${body.id}`);
  assert.equal(
    headers.get("content-disposition"),
    `attachment; filename="__<b>_ _41.html"; filename*=UTF-8''%C3%A9%22%3Cb%3E%5C%20%2541.html`,
  );
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
  const head = await fetch(`${http.url}/api/v1/files/${body.id}`, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "8", ""]);
});

test("an unknown file is 404, and no path leads out of the store", async (t) => {
  const { call } = await serverFor(t);
  for (const id of ["6f1c2d3e-4b5a-4978-8695-a4b3c2d1e0f9", "..%2F..%2Fpawl.db", "%2Fetc%2Fpasswd", "CON", "a%00b"]) {
    assertProblem(await call("GET", `/api/v1/files/${id}`), 404, "not_found");
  }
});

test("a form with files becomes a job, whether the job comes before or after them", async (t) => {
  const http = await serverFor(t);
  const orders = [
    form(["job", job({ dataset: "a" })], ["file", csv()]),
    form(["file", csv()], ["job", job({ dataset: "b" })]),
  ];
  for (const order of orders) {
    const { status, headers, body } = await post(http, "/api/v1/jobs", order);
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(headers.get("location"), `/api/v1/jobs/${body.id}`);
    const done = await http.manager.waitUntil(body.id, "final");
    assert.deepEqual(done.output, { name: "contacts.csv", text: CSV });
  }
});

test("a job field that is declared as JSON is read too", async (t) => {
  const http = await serverFor(t);
  const parts = [
    'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b',
    `Content-Disposition: form-data; name="job"\r\nContent-Type: application/json\r\n\r\n${job({ dataset: "a" })}`,
  ];
  const body = `${parts.map((part) => `--b\r\n${part}\r\n`).join("")}--b--\r\n`;
  const answer = await post(http, "/api/v1/jobs", body, { "content-type": "multipart/form-data; boundary=b" });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
});

test("a refused form leaves no file behind", async (t) => {
  const http = await serverFor(t);
  const deep = JSON.stringify({ type: "swallow", input: JSON.parse("[".repeat(40) + "]".repeat(40)) });
  const forms: [FormData, number, string][] = [
    [form(["file", csv()]), 400, "invalid_request"],
    [form(["file", csv()], ["job", "{"]), 400, "invalid_request"],
    [form(["file", csv()], ["job", job({})]), 400, "invalid_input"],
    [form(["file", csv()], ["job", JSON.stringify({ type: "nope", input: {} })]), 400, "unknown_job_type"],
    [form(["file", csv()], ["job", JSON.stringify({ type: "swallow", input: 1 })]), 400, "invalid_request"],
    [form(["file", csv()], ["job", job({ dataset: "a", file: "x" })]), 400, "invalid_request"],
    [form(["file", csv()], ["file", csv()], ["job", job({ dataset: "a" })]), 400, "invalid_request"],
    [form(["file", csv()], ["job", job({ dataset: "a" })], ["note", "x"]), 400, "invalid_request"],
    [form(["__proto__", csv()], ["job", job({ dataset: "a" })]), 400, "invalid_request"],
    [form(["file", csv()], ["job", deep]), 400, "invalid_request"],
    [form(["job", "[]"], ["file", csv()]), 400, "invalid_request"],
    [form(["file", csv()], ["job", "x".repeat(1_100_000)]), 413, "payload_too_large"],
  ];
  for (const [data, status, code] of forms) assertProblem(await post(http, "/api/v1/jobs", data), status, code);
  assertProblem(await post(http, "/api/v1/files", form(["text", "no file"])), 400, "invalid_request");
  assertProblem(await post(http, "/api/v1/files", form(["a", csv()], ["b", csv()])), 400, "invalid_request");
  assert.deepEqual(await storedFiles(http.pawl), []);
});

test("a second import of a dataset is refused, its file is deleted, and the holder is named", async (t) => {
  const http = await serverFor(t);
  const later = { availableAt: "2999-01-01T00:00:00Z" };
  const waiting = JSON.stringify({ type: "swallow", input: { dataset: "a" }, ...later });
  const first = await post(http, "/api/v1/jobs", form(["job", waiting], ["file", csv()]));
  assert.equal(first.status, 201, JSON.stringify(first.body));
  const kept = await storedFiles(http.pawl);
  const second = await post(http, "/api/v1/jobs", form(["job", waiting], ["file", csv()]));
  assert.equal(assertProblem(second, 409, "exclusive_group_taken").holder, first.body.id);
  assert.deepEqual(await storedFiles(http.pawl), kept);
});

test("a file that is too large is refused with 413, however it comes, and leaves nothing", async (t) => {
  const http = await serverFor(t, { maxUploadBytes: 100_000 });
  const big = randomBytes(400_000);
  assertProblem(await post(http, "/api/v1/files", big, { "content-type": "text/csv" }), 413, "payload_too_large");
  assertProblem(
    await post(http, "/api/v1/files", form(["file", new File([big], "big.csv")])),
    413,
    "payload_too_large",
  );
  const withJob = form(["file", new File([big], "big.csv")], ["job", job({ dataset: "a" })]);
  assertProblem(await post(http, "/api/v1/jobs", withJob), 413, "payload_too_large");
  assert.deepEqual(await storedFiles(http.pawl), []);
});

test("an upload that breaks off leaves nothing", async (t) => {
  const http = await serverFor(t);
  const boundary = "x-boundary";
  const part = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${"a,b\n".repeat(50_000)}`;
  const heads = [
    `POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 9000000\r\n\r\n${part}`,
    `POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 9000000\r\n\r\n${part}`,
    `POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 9000000\r\n\r\n${"a,b\n".repeat(50_000)}`,
  ];
  for (const head of heads) {
    await breakOff(t, http, head);
    await waitFor(async () => (await storedFiles(http.pawl)).length === 0, { what: "the half-written file to go" });
  }
  assert.deepEqual((await http.manager.list()).items, []);
});

/** Sends the beginning of a request, waits until a file grows, and cuts the connection. */
async function breakOff(t: TestContext, http: TestServer, head: string): Promise<void> {
  const socket = connect(Number(new URL(http.url).port), "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  socket.write(head);
  await waitFor(async () => (await storedFiles(http.pawl)).length > 0, { what: "the upload to begin" });
  socket.destroy();
}

test("a form that ends too early is the caller's error", async (t) => {
  const http = await serverFor(t);
  const body = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b';
  for (const path of ["/api/v1/files", "/api/v1/jobs"]) {
    assertProblem(
      await post(http, path, body, { "content-type": "multipart/form-data; boundary=b" }),
      400,
      "invalid_request",
    );
    assertProblem(await post(http, path, body, { "content-type": "multipart/form-data" }), 400, "invalid_request");
  }
  assert.deepEqual(await storedFiles(http.pawl), []);
});

test("a job's log and artifacts can be read and downloaded", async (t) => {
  const http = await serverFor(t);
  const { id } = await http.submit("scribe", { lines: 5, file: "täglich.csv" });
  await http.manager.waitUntil(id, "succeeded");
  const base = `/api/v1/jobs/${id}`;
  const logs = await waitFor(
    async () => {
      const { body } = await http.call<RecordPage<LogLineView>>("GET", `${base}/logs?after=1&limit=3`);
      return body.items.length === 3 && body;
    },
    { what: "the log" },
  );
  assert.deepEqual(
    logs.items.map((line) => [line.seq, line.level, line.message, line.fields]),
    [2, 3, 4].map((number) => [number, "info", `line ${number}`, { line: number }]),
  );
  assert.equal(logs.nextAfter, 4);
  const { body } = await http.call<{ items: Artifact[] }>("GET", `${base}/artifacts`);
  assert.deepEqual(body.items, [{ name: "täglich.csv", size: 8, sha256: sha256("a,b\n1,2\n"), mediaType: "text/csv" }]);
  const response = await fetch(`${http.url}${base}/artifacts/${encodeURIComponent("täglich.csv")}`);
  assert.equal(await response.text(), "a,b\n1,2\n");
  assert.match(response.headers.get("content-disposition") ?? "", /^attachment; .*UTF-8''t%C3%A4glich\.csv$/);
  assertProblem(await http.call("GET", `${base}/artifacts/other.csv`), 404, "not_found");
});
