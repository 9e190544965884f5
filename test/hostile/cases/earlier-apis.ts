// The five earlier APIs, each with what its clients must not get through. They answer in their own words, except where it
// is about who may call.
import assert from "node:assert/strict";
import {
  ask,
  BAD,
  FORBIDDEN,
  filePart,
  form,
  formOf,
  get,
  type HostileCase,
  type HostileRequest,
  MISDIRECTED,
  post,
  refused,
  refusedInOwnForm,
  taken,
  UNKNOWN_CALLER,
  WRONG_METHOD,
} from "../hostile-case.ts";
import { FORGED } from "../log-lines.ts";

const BAD_ID = [400, "The job id is missing, or is none: it must be 1 to 64 letters, digits, _, - or ."] as const;
const badId = (name: string, request: HostileRequest) => refusedInOwnForm(name, request, BAD_ID);
const start = (query: string) => get(`/start?${query}`);
const stopHeld = (headers: Readonly<Record<string, string>>) => get("/stop?id=held", headers);
/** A page that asks, and does nothing. */
const asks = (name: string, request: HostileRequest) =>
  taken(name, request, {
    status: 200,
    holds({ headers, body }) {
      assert.match(headers.get("content-type") ?? "", /^text\/html/);
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.doesNotMatch(body, /<script|<img/i);
    },
  });

export const START_AND_STOP: readonly HostileCase[] = [
  badId("a start of nobody", get("/start")),
  badId("a start of an empty id", start("id=")),
  badId("a start of an id of 65 characters", start(`id=${"x".repeat(65)}`)),
  badId("a start of an id of 121,000 characters, cut by nobody", start(`id=${"x".repeat(15_000)}`)),
  badId("a start of an id with a space", start("id=a%20b")),
  badId("a start of an id with a line of a log", start(`id=${encodeURIComponent(`x\n${FORGED}`)}`)),
  badId("a start of an id that clears the screen", start("id=%1b%5b2J")),
  badId("a start of an id that is a path", start("id=..%2f..%2fetc")),
  badId("a start of an id that is a tag", start("id=%3Cscript%3Ealert(1)%3C/script%3E")),
  badId("a start of an id with a NUL", start("id=a%00")),
  badId("a start of an id beyond ASCII", start("id=caf%C3%A9")),
  badId("a start of an id in bad encoding", start("id=%ff")),
  badId("a start of two ids", start("id=a&id=b")),
  badId("a start of a list of ids", start("id[]=a")),
  badId("a start whose id stands in the body", post("/start", { id: "a" })),
  badId("a stop of nobody", get("/stop")),
  badId("a stop of an id with a quote", get("/stop?id='%20OR%201%3D1--")),
  badId("a stop by POST of two ids", post("/stop?id=a&id=held")),
  taken("a stop of an id that every object has", get("/stop?id=constructor"), {
    status: 200,
    holds: ({ body }) => assert.equal(body, "Job id: constructor is not running"),
  }),
  taken("a start of what is started", start("id=held"), {
    status: 200,
    holds: ({ body }) => assert.equal(body, "Already started job id: held"),
  }),
  refused("a stop from another server's name", stopHeld({ host: "evil.example" }), MISDIRECTED),
  refused("a stop that a browser fetches ahead", stopHeld({ "sec-purpose": "prefetch" }), FORBIDDEN),
  refused("a stop that a browser shows ahead", stopHeld({ "sec-purpose": "prefetch;prerender" }), FORBIDDEN),
  refused("a stop that an older browser fetches ahead", stopHeld({ purpose: "prefetch" }), FORBIDDEN),
  refused(
    "a stop by an image of another site",
    stopHeld({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }),
    FORBIDDEN,
  ),
  refused("a stop by a page of the same site", stopHeld({ "sec-fetch-site": "same-site" }), FORBIDDEN),
  refused(
    "a stop that another site navigates to",
    stopHeld({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }),
    FORBIDDEN,
  ),
  refused("a stop from another origin", stopHeld({ origin: "https://evil.example" }), FORBIDDEN),
  refused("a stop from an origin that hides itself", stopHeld({ origin: "null" }), FORBIDDEN),
  refused("a stop with a token in its address", get("/stop?id=held&token=pawl_0123456789ab_x"), BAD),
  refused("a stop with an access token in its address", get("/stop?id=held&access_token=x"), BAD),
  refused(
    "a stop with a token that nobody made",
    stopHeld({ authorization: "Bearer pawl_0123456789ab_x" }),
    UNKNOWN_CALLER,
  ),
  refused("a stop by HEAD", ask("HEAD", "/stop?id=held"), WRONG_METHOD),
  refused("a stop by PUT", ask("PUT", "/stop?id=held"), WRONG_METHOD),
  refused(
    "a stop by POST of another site",
    post("/stop?id=held", undefined, { origin: "https://evil.example" }),
    FORBIDDEN,
  ),
  asks("a stop that somebody typed", stopHeld({ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })),
  asks("a stop that a link of ours leads to", stopHeld({ "sec-fetch-mode": "navigate" })),
];

const NO_FILE = [400, { errorType: "File not accepted" }] as const;
const noFile = (name: string, request: HostileRequest) => refusedInOwnForm(name, request, NO_FILE);
const csvForm = (parts: readonly string[]) => form("/uploadCSV", parts);
const exportError = (name: string, body: object | string | undefined, errorType: string) =>
  refusedInOwnForm(name, post("/exportData", body), [400, { errorType }]);
const updated = (name: string, query: string, status: number, errorType: string) =>
  refusedInOwnForm(name, get(`/updateTask?${query}`), [status, { errorType }]);
const from = "2025-01-01";
const to = "2025-01-31";

export const CSV_TASKS: readonly HostileCase[] = [
  noFile("an earlier upload without a body", post("/uploadCSV")),
  noFile("an earlier upload of JSON", post("/uploadCSV", { file: "a.csv" })),
  noFile("an earlier upload of text", post("/uploadCSV", "a,b\n1,2\n", { "content-type": "text/csv" })),
  noFile("an earlier upload of an empty form", csvForm([])),
  noFile("an earlier upload of an empty file", csvForm([filePart("file", "a.csv", "")])),
  noFile("an earlier upload under another name", csvForm([filePart("upload", "a.csv")])),
  noFile(
    "an earlier upload of a field that is no file",
    csvForm(['Content-Disposition: form-data; name="file"\r\n\r\na,b']),
  ),
  noFile("an earlier upload of two files", csvForm([filePart("file", "a.csv"), filePart("other", "b.csv")])),
  noFile("an earlier upload of one file twice", csvForm([filePart("file", "a.csv"), filePart("file", "a.csv")])),
  noFile("an earlier upload without an end", formOf("/uploadCSV", `--cut-here\r\n${filePart("file", "a.csv")}`)),
  noFile("an earlier upload without a boundary", {
    ...formOf("/uploadCSV", "x"),
    headers: { "content-type": "multipart/form-data" },
  }),
  noFile("an earlier upload with a boundary of 10,000 characters", formOf("/uploadCSV", "x", "b".repeat(10_000))),
  refused("an earlier upload that is too large", csvForm([filePart("file", "a.csv", "x".repeat(1024 * 1024 + 1))]), [
    413,
    "payload_too_large",
  ]),
  refused(
    "an earlier upload by a page of another site",
    {
      ...csvForm([filePart("file", "a.csv")]),
      headers: { "content-type": "multipart/form-data; boundary=cut-here", origin: "https://evil.example" },
    },
    FORBIDDEN,
  ),
  noFile("teams of an empty form", form("/createBulkTeam", [])),
  noFile("teams of an address", post("/createBulkTeam", { file: "http://evil.example/" })),
  refused("an earlier upload by GET", get("/uploadCSV"), WRONG_METHOD),
  exportError("an earlier export of nothing", undefined, "invalid_json"),
  exportError("an earlier export of no JSON", "{", "invalid_json"),
  exportError("an earlier export of a list", "[]", "invalid_json"),
  exportError("an earlier export of null", "null", "invalid_json"),
  exportError("an earlier export of a text", '"2025"', "invalid_json"),
  exportError(
    "an earlier export with __proto__",
    '{"__proto__":{"from":"2025-01-01"},"to":"2025-01-31"}',
    "invalid_json",
  ),
  exportError(
    "an earlier export that is nested too deep",
    `{"from":${"[".repeat(50)}${"]".repeat(50)}}`,
    "invalid_json",
  ),
  exportError("an earlier export from nowhere", { to }, "invalid_from_date"),
  exportError("an earlier export from a number", { from: 20_250_101, to }, "invalid_from_date"),
  exportError("an earlier export from null", { from: null, to }, "invalid_from_date"),
  exportError("an earlier export from the 30th of February", { from: "2025-02-30", to }, "invalid_from_date"),
  exportError("an earlier export from a piece of SQL", { from: "2025-01-01' OR '1'='1", to }, "invalid_from_date"),
  exportError("an earlier export to a list", { from, to: [to] }, "invalid_to_date"),
  exportError("an earlier export to the year 10000", { from, to: "10000-01-01" }, "invalid_to_date"),
  exportError("an earlier export to a time", { from, to: "2025-01-31T00:00:00Z" }, "invalid_to_date"),
  exportError("an earlier export that runs backwards", { from: to, to: from }, "invalid_date_range"),
  updated("an update of no task", "action=stop", 400, "invalid_id"),
  updated("an update of an empty task", "id=&action=stop", 400, "invalid_id"),
  updated("an update of a task of 201 characters", `id=${"x".repeat(201)}&action=stop`, 400, "invalid_id"),
  updated("an update of two tasks", "id=a&id=b&action=stop", 400, "invalid_id"),
  updated("an update of a task that there is not", "id=anonymous-baselineCSV-1-1&action=stop", 404, "id_doesn't_exist"),
  updated("an update of a task by a path", "id=..%2f..%2fetc&action=stop", 404, "id_doesn't_exist"),
  updated("an update of a job of another API", "id=held&action=terminate", 404, "id_doesn't_exist"),
  updated("an update that does nothing known", "id=held&action=explode", 400, "invalid_action"),
  updated("an update that every object knows", "id=held&action=constructor", 400, "invalid_action"),
  updated("an update without an action", "id=held", 400, "invalid_action"),
  updated("an update of two actions", "id=held&action=stop&action=start", 400, "invalid_action"),
  refused(
    "an update by an image of another site",
    get("/updateTask?id=held&action=terminate", { "sec-fetch-site": "cross-site" }),
    FORBIDDEN,
  ),
  refused("an update by HEAD", ask("HEAD", "/updateTask?id=held&action=stop"), WRONG_METHOD),
  asks(
    "an update that somebody typed, with a tag for an id",
    get(`/updateTask?id=${encodeURIComponent("<script>alert(1)</script>")}&action=stop`, {
      "sec-fetch-site": "none",
      "sec-fetch-mode": "navigate",
    }),
  ),
];

const submitError = (name: string, body: object | string, error: string) =>
  refusedInOwnForm(name, post("/submit", body), [400, { jobID: "", error }]);
const exported = (args: unknown) => ({ Type: "Export", args });
const FROM = "2019-Jan-01";
const TO = "2019-Feb-01";
const steered = (name: string, action: string, id: string) =>
  refusedInOwnForm(name, get(`/${action}/${encodeURIComponent(id)}`), [404, { jobID: id, error: "Invalid JobID" }]);

export const HALT_AND_RESUME: readonly HostileCase[] = [
  submitError("a submit of no JSON", "{", "Invalid Job request format"),
  submitError("a submit of nothing", "", "Invalid Job request format"),
  submitError("a submit of a list", "[]", "Invalid Job request format"),
  submitError("a submit with __proto__", '{"Type":"Simple","__proto__":{}}', "Invalid Job request format"),
  submitError("a submit of no type", { args: {} }, "Invalid Job Type"),
  submitError("a submit of a type that is none", { Type: "Shell" }, "Invalid Job Type"),
  submitError("a submit of a type that every object has", { Type: "constructor" }, "Invalid Job Type"),
  submitError("a submit of a type that is a list", { Type: ["Simple"] }, "Invalid Job Type"),
  submitError("a submit of a type that is null", { Type: null }, "Invalid Job Type"),
  submitError("a submit of an export without args", exported(undefined), "Invalid from_date format"),
  submitError("a submit of an export with args that are a text", exported("all"), "Invalid Job request format"),
  submitError("a submit of an export with args that are a list", exported([]), "Invalid Job request format"),
  submitError("a submit of an export from nowhere", exported({ to_date: TO }), "Invalid from_date format"),
  submitError(
    "a submit of an export from a month that is none",
    exported({ from_date: "2019-Foo-01", to_date: TO }),
    "Invalid from_date format",
  ),
  submitError(
    "a submit of an export from the 31st of April",
    exported({ from_date: "2019-Apr-31", to_date: TO }),
    "Invalid from_date format",
  ),
  submitError(
    "a submit of an export from a number",
    exported({ from_date: 2019, to_date: TO }),
    "Invalid from_date format",
  ),
  submitError(
    "a submit of an export to a line end",
    exported({ from_date: FROM, to_date: `${TO}\n` }),
    "Invalid to_date format",
  ),
  submitError("a submit of an export to null", exported({ from_date: FROM, to_date: null }), "Invalid to_date format"),
  submitError(
    "a submit of an export that runs backwards",
    exported({ from_date: TO, to_date: FROM }),
    "Invalid Job request format",
  ),
  submitError(
    "a submit of an export of 8,000 years",
    exported({ from_date: "0001-01-01", to_date: "9999-12-31" }),
    "Invalid Job request format",
  ),
  steered("a halt of a job that there is not", "halt", "00000000-0000-7000-8000-000000000000"),
  steered("a halt of what is no id", "halt", "nobody"),
  steered("a halt of a path", "halt", "../../etc/passwd"),
  steered("a halt of a line of a log", "halt", `x\n${FORGED}`),
  steered("a resume of what every object has", "resume", "__proto__"),
  steered("a stop of a piece of SQL", "stop", "' OR '1'='1"),
  steered("details of a tag", "details", "<script>alert(1)</script>"),
  refusedInOwnForm("a stop of a job of another API", get("/stop/{{held}}"), [
    404,
    { jobID: "{{held}}", error: "Invalid JobID" },
  ]),
  refusedInOwnForm("details of a job of another API", get("/details/{{done}}"), [
    404,
    { jobID: "{{done}}", error: "Invalid JobID" },
  ]),
  refused("a halt by an image of another site", get("/halt/{{held}}", { "sec-fetch-site": "cross-site" }), FORBIDDEN),
  refused("a halt by HEAD", ask("HEAD", "/halt/{{held}}"), WRONG_METHOD),
  refused("a submit by GET", get("/submit"), WRONG_METHOD),
  refused(
    "a submit by a page of another site",
    post("/submit", { Type: "Simple" }, { origin: "https://evil.example" }),
    FORBIDDEN,
  ),
];

const pooled = (name: string, request: HostileRequest, status: number, error: string) =>
  refusedInOwnForm(name, request, [status, { error }]);
const said = (name: string, request: HostileRequest, status = 400) =>
  taken(name, request, {
    status,
    holds({ body }) {
      const { error, ...rest } = JSON.parse(body);
      assert.equal(typeof error, "string");
      assert.deepEqual(rest, {});
    },
  });

export const WORKER_POOL: readonly HostileCase[] = [
  said("a pooled job of no JSON", post("/jobs", "{")),
  said("a pooled job of nothing", post("/jobs", "")),
  said("a pooled job of a list", post("/jobs", "[]")),
  said("a pooled job of null", post("/jobs", "null")),
  said("a pooled job with __proto__", post("/jobs", '{"payload":"x","__proto__":{}}')),
  pooled("a pooled job without a payload", post("/jobs", {}), 400, "payload is required"),
  pooled("a pooled job of a number", post("/jobs", { payload: 1 }), 400, "payload must be a string"),
  pooled("a pooled job of an object", post("/jobs", { payload: { a: 1 } }), 400, "payload must be a string"),
  pooled("a pooled job of no payload at all", post("/jobs", { payload: null }), 400, "payload must be a string"),
  said("a pooled job of more than 64 KiB", post("/jobs", { payload: "x".repeat(65_537) })),
  said("a pooled job of more than 64 KiB in fewer characters", post("/jobs", { payload: "é".repeat(32_769) })),
  said("a pooled job of more than a body may hold", post("/jobs", { payload: "x".repeat(1024 * 1024) }), 413),
  said("a pool's list of none", get("/jobs?limit=0")),
  said("a pool's list of 1,001", get("/jobs?limit=1001")),
  said("a pool's list of a negative number", get("/jobs?limit=-1")),
  said("a pool's list after what is no id", get("/jobs?after=abc")),
  said("a pool's list of two limits", get("/jobs?limit=1&limit=2")),
  pooled("a pooled job that there is not", get("/jobs/00000000-0000-7000-8000-000000000000"), 404, "job not found"),
  pooled("a pooled job by a path", get("/jobs/..%2f..%2fetc"), 404, "job not found"),
  pooled("a pooled job that is another API's", get("/jobs/{{held}}"), 404, "job not found"),
  pooled("a cancel of a pooled job that there is not", post("/jobs/nobody/cancel"), 404, "job not found"),
  pooled("a cancel of another API's job through the pool", post("/jobs/{{held}}/cancel"), 404, "job not found"),
  refused("a cancel in the pool by GET", get("/jobs/{{held}}/cancel"), WRONG_METHOD),
  refused(
    "a pooled job by a page of another site",
    post("/jobs", { payload: "x" }, { "sec-fetch-site": "cross-site" }),
    FORBIDDEN,
  ),
];

const EMPTY = "Invalid input. Task name cannot be empty";
const NO_STRING = "Invalid input. Task name must be a string";

export const FILE_TASKS: readonly HostileCase[] = [
  pooled("a task without a name", post("/create-task", {}), 400, EMPTY),
  pooled("a task with an empty name", post("/create-task", { name: "" }), 400, EMPTY),
  pooled("a task of nothing", post("/create-task", ""), 400, EMPTY),
  pooled("a task of a number for a name", post("/create-task", { name: 7 }), 400, NO_STRING),
  pooled("a task of a list for a name", post("/create-task", { name: ["a"] }), 400, NO_STRING),
  said("a task of no JSON", post("/create-task", "{")),
  said("a task with a name of two lines", post("/create-task", { name: `a\n${FORGED}` })),
  said("a task with a name of colours", post("/create-task", { name: "\u001b[31mred" })),
  said("a task with a name of half a character", post("/create-task", { name: "\ud800" })),
  said("a task with a name that is too long", post("/create-task", { name: "n".repeat(100_000) })),
  said("a task with __proto__", post("/create-task", '{"name":"a","__proto__":{}}')),
  pooled("a poll of no id", get("/poll-task/nobody"), 400, "Invalid task ID"),
  pooled("a poll of a path", get("/poll-task/..%2f..%2fetc%2fpasswd"), 400, "Invalid task ID"),
  pooled(
    "a poll of a task that there is not",
    get("/poll-task/00000000-0000-7000-8000-000000000000"),
    404,
    "Task not found",
  ),
  pooled("a poll of another API's job", get("/poll-task/{{held}}"), 404, "Task not found"),
  refused("a task by GET", get("/create-task"), WRONG_METHOD),
  refused("a task by a page of another site", post("/create-task", { name: "x" }, { origin: "null" }), FORBIDDEN),
];
