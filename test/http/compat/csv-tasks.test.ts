// Earlier API 2 as its clients meet it: what is uploaded and exported, and every refusal.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../../src/api/problem.ts";
import { people } from "../../engine/shipped-jobs.ts";
import { storedFiles } from "../../support/stored-files.ts";
import { startCsvTasks } from "./csv-tasks-support.ts";
import { ENDLESS_MS } from "./support.ts";

const VISITS = "name,visited_on\nAda,2024-01-01\nBo,2024-01-02\nCy,2024-01-03\n";
const NOT_ACCEPTED = { status: 400, body: { errorType: "File not accepted" } };

const idOf = (kind: string, user = "anonymous") => new RegExp(`^${user}-${kind}-\\d{10}-\\d{1,4}$`);

test("an upload puts every row into the table, and the header is none of them", async (t) => {
  const { upload, finished, rows, call } = await startCsvTasks(t);
  const before = Math.floor(Date.now() / 1_000);
  const { status, body } = await upload("/uploadCSV", VISITS);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ["Job ID"]);
  const id = String(body["Job ID"]);
  assert.match(id, idOf("baselineCSV"));
  const seconds = Number(id.split("-").at(-2));
  assert.ok(seconds >= before && seconds <= Date.now() / 1_000);
  const job = await finished(id);
  assert.deepEqual([job.state, job.type, job.output], ["succeeded", "csv-import", { rows: 3, rejected: 0 }]);
  assert.deepEqual(await rows(), [
    { name: "Ada", visited_on: "2024-01-01" },
    { name: "Bo", visited_on: "2024-01-02" },
    { name: "Cy", visited_on: "2024-01-03" },
  ]);
  assert.deepEqual((await call("GET", `/api/v1/jobs/${job.id}`)).body, job);
});

test("a bulk upload makes a team of every row", async (t) => {
  const { upload, finished, call } = await startCsvTasks(t);
  const { status, body } = await upload("/createBulkTeam", "name,phone\nred,1\nblue,2\n");
  assert.equal(status, 200);
  assert.match(String(body["Job ID"]), idOf("bulkTeam"));
  assert.deepEqual((await finished(String(body["Job ID"]))).output, { created: 2 });
  const { items } = (await call("GET", "/api/v1/teams")).body as { items: { name: string }[] };
  assert.deepEqual(items.map(({ name }) => name).sort(), ["blue", "red"]);
});

test("an export has both ends of its range, ends when they are one day, and can be downloaded", async (t) => {
  const { upload, exported, finished } = await startCsvTasks(t);
  await finished(String((await upload("/uploadCSV", VISITS)).body["Job ID"]));
  const ranges = {
    "2024-01-01 2024-01-03": ["Ada", "Bo", "Cy"],
    "2024-01-02 2024-01-03": ["Bo", "Cy"],
    "2024-01-02 2024-01-02": ["Bo"],
    "2023-01-01 2024-01-01": ["Ada"],
    "2020-02-29 2020-02-29": [],
  };
  for (const [range, names] of Object.entries(ranges)) {
    const [from, to] = range.split(" ");
    const { id, text } = await exported({ from, to });
    assert.match(id, idOf("createExport"));
    const [header, ...lines] = text.trimEnd().split("\n");
    assert.equal(header, "name,visited_on");
    assert.deepEqual(
      lines.map((line) => line.split(",")[0]),
      names,
      range,
    );
  }
});

test("an export goes by the first column of dates, or by the one that the server is told", async (t) => {
  const csv = "name,joined,visited_on\nAda,2020-05-05,2024-01-01\nBo,2024-01-01,2020-05-05\n";
  for (const [column, name] of [
    [null, "Bo"],
    ["visited_on", "Ada"],
  ] as const) {
    const { upload, exported, finished } = await startCsvTasks(t, {
      server: { compat: { baselineDateColumn: column } },
    });
    await finished(String((await upload("/uploadCSV", csv)).body["Job ID"]));
    const { text } = await exported({ from: "2024-01-01", to: "2024-12-31" });
    assert.deepEqual(
      text
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",")[0]),
      [name],
    );
  }
});

test("an export of nothing is a job that fails, and says why", async (t) => {
  const { call, finished } = await startCsvTasks(t);
  const { status, body } = await call("POST", "/exportData", { from: "2024-01-01", to: "2024-01-01" });
  assert.equal(status, 200);
  const job = await finished((body as { "Job ID": string })["Job ID"]);
  assert.deepEqual([job.state, job.error?.code], ["failed", "unknown_dataset"]);
});

test("an export is refused in this API's words, whatever the Content-Type says", async (t) => {
  const { call, manager } = await startCsvTasks(t);
  const day = "2024-01-01";
  const refused: readonly (readonly [string, unknown])[] = [
    ["invalid_json", undefined],
    ["invalid_json", ""],
    ["invalid_json", "{"],
    ["invalid_json", "from=2024-01-01"],
    ["invalid_json", '{"from":"2024-01-01","to":"2024-01-02"'],
    ["invalid_json", "[]"],
    ["invalid_json", "null"],
    ["invalid_json", '"2024-01-01"'],
    ["invalid_json", "7"],
    ["invalid_json", `{"from":"${day}","to":"${day}","__proto__":{}}`],
    ["invalid_json", `{"from":"${day}","to":"${day}","x":${"[".repeat(40)}${"]".repeat(40)}}`],
    ["invalid_from_date", {}],
    ["invalid_from_date", { to: day }],
    ["invalid_from_date", { from: null, to: day }],
    ["invalid_from_date", { from: 20_240_101, to: day }],
    ["invalid_from_date", { from: "", to: day }],
    ["invalid_from_date", { from: "2024-02-30", to: day }],
    ["invalid_from_date", { from: "2023-02-29", to: day }],
    ["invalid_from_date", { from: "2024-13-01", to: day }],
    ["invalid_from_date", { from: "2024-1-1", to: day }],
    ["invalid_from_date", { from: "01/01/2024", to: day }],
    ["invalid_from_date", { from: "2024-01-01T00:00:00Z", to: day }],
    ["invalid_from_date", { from: " 2024-01-01", to: day }],
    ["invalid_from_date", { from: "2024-00-00", to: "nonsense" }],
    ["invalid_to_date", { from: day }],
    ["invalid_to_date", { from: day, to: "2024-04-31" }],
    ["invalid_to_date", { from: day, to: [day] }],
    ["invalid_date_range", { from: "2024-01-02", to: "2024-01-01" }],
    ["invalid_date_range", { from: "2024-01-01", to: "2023-12-31" }],
  ];
  for (const [errorType, body] of refused) {
    const answer = await call("POST", "/exportData", body);
    assert.deepEqual([answer.status, answer.body], [400, { errorType }], JSON.stringify(body));
  }
  assert.deepEqual((await manager.list()).items, []);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "nonsense", "application/xml; x"]) {
    const body = JSON.stringify({ from: day, to: day, more: 1 });
    assert.equal((await call("POST", "/exportData", body, { "content-type": type })).status, 200, type);
  }
});

test("without a file nothing is accepted, and nothing is kept", async (t) => {
  const { call, form, manager, pawl } = await startCsvTasks(t);
  const text = new FormData();
  text.set("file", "name\nAda\n");
  const twoFiles = form(VISITS);
  twoFiles.set("more", new Blob(["x"]), "x.csv");
  const wrongName = new FormData();
  wrongName.set("upload", new Blob([VISITS]), "x.csv");
  const bodies: readonly (readonly [unknown, Record<string, string>])[] = [
    [undefined, {}],
    ["", {}],
    [VISITS, {}],
    [VISITS, { "content-type": "text/csv" }],
    [VISITS, { "content-type": "multipart/form-data" }],
    [VISITS, { "content-type": "multipart/form-data; boundary=b" }],
    [VISITS, { "content-type": "nonsense" }],
    ["x".repeat(2 * 1024 * 1024), { "content-type": "text/csv" }],
    ['{"file":"x"}', { "content-type": "application/json" }],
    [new FormData(), {}],
    [text, {}],
    [wrongName, {}],
    [twoFiles, {}],
    [form(""), {}],
  ];
  for (const path of ["/uploadCSV", "/createBulkTeam"]) {
    for (const [index, [body, headers]] of bodies.entries()) {
      const { status, body: told } = await call("POST", path, body, headers);
      assert.deepEqual({ status, body: told }, NOT_ACCEPTED, `${path} ${index}`);
    }
  }
  assert.deepEqual((await manager.list()).items, []);
  assert.deepEqual(await storedFiles(pawl), []);
});

test("other fields of the form are passed over", async (t) => {
  const { call, form, finished } = await startCsvTasks(t);
  const body = form(VISITS);
  body.set("submit", "Upload");
  const answer = await call("POST", "/uploadCSV", body);
  assert.equal(answer.status, 200);
  assert.equal((await finished((answer.body as { "Job ID": string })["Job ID"])).state, "succeeded");
});

test("a file that is too large is 413, and nothing of it is kept", async (t) => {
  const { upload, pawl } = await startCsvTasks(t, { server: { maxUploadBytes: 1_000 } });
  const { status, body } = await upload("/uploadCSV", people(1_000));
  assert.equal(status, 413);
  assert.equal((body as unknown as Problem).code, "payload_too_large");
  assert.deepEqual(await storedFiles(pawl), []);
});

test("a row that does not fit fails its job, which stays, says the line, and leaves no rows", async (t) => {
  const { upload, finished, rows, call } = await startCsvTasks(t);
  const lines = people(2_500).trimEnd().split("\n");
  lines[2_001] = "7,one cell too few";
  const id = String((await upload("/uploadCSV", `${lines.join("\n")}\n`)).body["Job ID"]);
  const job = await finished(id);
  assert.equal(job.state, "rolled_back");
  assert.match(job.error?.message ?? "", /line 2002\b/);
  assert.deepEqual(await rows(), null);
  const again = await call("GET", `/updateTask?id=${id}&action=start`);
  assert.deepEqual([again.status, again.body], [409, { errorType: "action_not_allowed", state: "failed" }]);
});

test("of parallel uploads one is taken, the others are told which, and leave no file", async (t) => {
  const { upload, pawl, manager, hold } = await startCsvTasks(t, { manager: { concurrency: 1 } });
  await hold();
  const answers = await Promise.all(Array.from({ length: 6 }, () => upload("/uploadCSV", VISITS)));
  const taken = answers.filter(({ status }) => status === 200);
  assert.equal(taken.length, 1);
  const named = { errorType: "upload_in_progress", "Job ID": taken[0]?.body["Job ID"] };
  for (const answer of answers) {
    if (answer.status !== 200) assert.deepEqual([answer.status, answer.body], [409, named]);
  }
  assert.equal((await manager.list({ type: ["csv-import"] })).items.length, 1);
  assert.equal((await storedFiles(pawl)).length, 1);
});

test("an unfinished upload is in the way until it has ended, one from the API of today too", async (t) => {
  const { upload, update, finished, manager, hold, store } = await startCsvTasks(t, { manager: { concurrency: 1 } });
  await hold();
  const first = String((await upload("/uploadCSV", VISITS)).body["Job ID"]);
  assert.equal((await update(first, "stop")).status, 200);
  assert.deepEqual((await upload("/uploadCSV", VISITS)).body, { errorType: "upload_in_progress", "Job ID": first });
  assert.equal((await upload("/createBulkTeam", "name\nred\n")).status, 200, "teams are another matter");
  assert.equal((await update(first, "terminate")).status, 200);
  assert.equal((await finished(first)).state, "cancelled");
  const own = await manager.submit({ type: "csv-import", input: { file: await store(VISITS), dataset: "baseline" } });
  assert.deepEqual((await upload("/uploadCSV", VISITS)).body, { errorType: "upload_in_progress", "Job ID": own.id });
});

test("a full queue is 429 for everything that makes a job, and stores nothing", async (t) => {
  const { upload, call, manager, pawl, hold } = await startCsvTasks(t, { manager: { concurrency: 1, queueLimit: 1 } });
  await hold();
  await manager.submit({ type: "simple", input: {} });
  const full = [429, { errorType: "queue_full" }];
  for (const answer of [
    await upload("/uploadCSV", VISITS),
    await upload("/createBulkTeam", "name\nred\n"),
    await call("POST", "/exportData", { from: "2024-01-01", to: "2024-01-01" }),
  ]) {
    assert.deepEqual([answer.status, answer.body], full);
  }
  assert.equal((await manager.list()).items.length, 2);
  assert.deepEqual(await storedFiles(pawl), []);
});

test("ids of one second differ, and each finds its job", async (t) => {
  const { call, update, hold } = await startCsvTasks(t, { manager: { concurrency: 1 } });
  await hold();
  const range = { from: "2024-01-01", to: "2024-01-01" };
  const answers = await Promise.all(Array.from({ length: 300 }, () => call("POST", "/exportData", range)));
  const ids = answers.map(({ body }) => (body as { "Job ID": string })["Job ID"]);
  assert.equal(new Set(ids).size, 300);
  for (const id of ids.slice(0, 20)) {
    assert.deepEqual((await update(id, "stop")).body, { status: `Job ${id} stopped.` });
  }
});

test("an id begins with the name of the caller's token", async (t) => {
  const { manager, call, hold } = await startCsvTasks(t, { manager: { concurrency: 1 } });
  await hold();
  const { token } = await manager.access.createToken({ name: "dana@example.com", scope: "operate" });
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await call("POST", "/exportData", { from: "2024-01-01", to: "2024-01-01" }, headers);
  const id = (body as { "Job ID": string })["Job ID"];
  assert.match(id, idOf("createExport", "dana@example\\.com"));
  assert.equal((await call("GET", `/updateTask?id=${id}&action=stop`, undefined, headers)).status, 200);
  assert.equal((await call("POST", "/exportData", { from: "2024-01-01", to: "2024-01-01" })).status, 401);
});

test("the end of a server with many jobs takes as long as one job needs", async (t) => {
  const { manager, server, store, pawl } = await startCsvTasks(t);
  const file = await store(people(1_000));
  const slow = Array.from({ length: 80 }, (_, index) =>
    manager.submit({ type: "csv-import", input: { file, dataset: `d${index}`, ratePerSecond: 10 } }),
  );
  const jobs = await Promise.all(slow);
  const waiting = await Promise.all(
    Array.from({ length: 200 }, () => manager.submit({ type: "simple", input: { stepMs: ENDLESS_MS } })),
  );
  await Promise.all(jobs.map(({ id }) => manager.waitUntil(id, "running")));
  const began = performance.now();
  await server.close();
  await manager.stop();
  // One after the other, half a second each, as it once was, would take 40 s.
  assert.ok(performance.now() - began < 20_000);
  const kept = await pawl.store.jobs.get([...jobs, ...waiting].map(({ id }) => id));
  assert.deepEqual([...new Set(kept.map((job) => job?.state))], ["queued"], "all go on after the next start");
});
