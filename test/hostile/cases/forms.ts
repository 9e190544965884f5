// Forms and uploads: broken, overfull, and with names that would like to be more than names.
import assert from "node:assert/strict";
import {
  BAD,
  BAD_INPUT,
  filePart,
  form,
  formOf,
  type HostileCase,
  importForm,
  importJob,
  jobPart,
  NO_SUCH_TYPE,
  post,
  refused,
  TOO_LARGE,
  taken,
  WRONG_TYPE,
} from "../hostile-case.ts";

const job = jobPart(importJob);
const file = filePart("file", "rows.csv");
const jobs = (body: string, boundary?: string) => formOf("/api/v1/jobs", body, boundary);
const files = (parts: readonly string[]) => form("/api/v1/files", parts);
const typed = (type: string) => ({ ...jobs(""), headers: { "content-type": type }, body: "--b\r\n\r\n--b--\r\n" });
const upload = (name: string) => post(`/api/v1/files?name=${name}`, "a,b\n", { "content-type": "text/csv" });

export const FORMS: readonly HostileCase[] = [
  refused("a form without a boundary", typed("multipart/form-data"), BAD),
  refused("a form with an empty boundary", typed("multipart/form-data; boundary="), BAD),
  refused(
    "a form with a boundary of 10,000 characters",
    typed(`multipart/form-data; boundary=${"b".repeat(10_000)}`),
    BAD,
  ),
  refused("a form of another kind", typed("multipart/mixed; boundary=b"), WRONG_TYPE),
  refused("a form that is no form", jobs("hello"), BAD),
  refused("a form without parts", jobs("--cut-here--\r\n"), BAD),
  refused("a form without an end", jobs(`--cut-here\r\n${job}\r\n--cut-here\r\n${file}\r\n`), BAD),
  refused(
    "a form that ends within a part's head",
    jobs(`--cut-here\r\n${job}\r\n--cut-here\r\nContent-Disposition: form-da`),
    BAD,
  ),
  refused("a form with another boundary than it says", jobs(`--b\r\n${job}\r\n--b--\r\n`), BAD),
  refused("a form without a job", importForm([file]), BAD),
  refused("a form with two jobs", importForm([job, job, file]), BAD),
  refused("a form with two files under one name", importForm([job, file, file]), BAD),
  refused(
    "a form with a file for a job",
    importForm([filePart("job", "job.json", JSON.stringify(importJob)), file]),
    BAD,
  ),
  refused(
    "a form with a field that is not known",
    importForm([job, 'Content-Disposition: form-data; name="extra"\r\n\r\n1', file]),
    BAD,
  ),
  refused(
    "a form with a field without a name",
    importForm([job, "Content-Disposition: form-data\r\n\r\n1", file]),
    BAD,
  ),
  refused("a form with a part without a head for a file", importForm([job, "\r\nhello"]), BAD_INPUT),
  refused("a form with a field that is called __proto__", importForm([job, filePart("__proto__", "a.csv")]), BAD),
  refused("a form with a field that is called constructor", importForm([job, filePart("constructor", "a.csv")]), BAD),
  refused(
    "a form with a file where the input has one",
    importForm([jobPart({ ...importJob, input: { file: "{{file}}", dataset: "d" } }), file]),
    BAD,
  ),
  refused("a form with a job that is no JSON", importForm([jobPart("{"), file]), BAD),
  refused("a form with a job that is a list", importForm([jobPart("[]"), file]), BAD),
  refused(
    "a form with a job with __proto__",
    importForm([jobPart('{"type":"csv-import","input":{"__proto__":{}}}'), file]),
    BAD,
  ),
  refused(
    "a form with a job that is nested too deep",
    importForm([jobPart(`{"type":"csv-import","input":${"[".repeat(40)}${"]".repeat(40)}}`), file]),
    BAD,
  ),
  refused("a form with a job whose input is a list", importForm([jobPart({ ...importJob, input: [] }), file]), BAD),
  refused("a form with a job whose input is a text", importForm([jobPart({ ...importJob, input: "x" }), file]), BAD),
  refused(
    "a form with a type that nobody knows",
    importForm([jobPart({ ...importJob, type: "nothing" }), file]),
    NO_SUCH_TYPE,
  ),
  refused(
    "a form with an input that does not fit",
    importForm([jobPart({ type: "csv-import", input: { dataset: "a/b" } }), file]),
    BAD_INPUT,
  ),
  refused(
    "a form with a file that the type does not know",
    importForm([job, file, filePart("other", "b.csv")]),
    BAD_INPUT,
  ),
  refused(
    "a form with a field of more than 1 MiB",
    importForm([jobPart(`{"type":"${"x".repeat(1024 * 1024)}"}`), file]),
    TOO_LARGE,
  ),
  refused(
    "a form with a file of more than it may be",
    importForm([job, filePart("file", "a.csv", "x".repeat(1024 * 1024 + 1))]),
    TOO_LARGE,
  ),
  refused(
    "a form with 17 files",
    importForm([job, ...[...Array(17).keys()].map((n) => filePart(`f${n}`, "a.csv", "a"))]),
    TOO_LARGE,
  ),
  refused(
    "a form with 100 fields",
    importForm([...Array(100).keys()].map((n) => `Content-Disposition: form-data; name="f${n}"\r\n\r\n1`)),
    BAD,
  ),
  refused(
    "a form with a field's name of 10,000 characters",
    importForm([job, filePart("f".repeat(10_000), "a.csv")]),
    BAD_INPUT,
  ),
  refused(
    "a form in a form",
    importForm([
      job,
      `Content-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Disposition: file; filename="a.csv"\r\n\r\na\r\n--in--`,
    ]),
    BAD,
  ),
  refused(
    "a form with a part in base64 for a job",
    importForm([
      `Content-Disposition: form-data; name="job"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(JSON.stringify(importJob)).toString("base64")}`,
      file,
    ]),
    BAD,
  ),
  refused(
    "a form with a job in Latin-1",
    formOf("/api/v1/jobs", `--cut-here\r\n${jobPart('{"type":"caf\xe9","input":{}}')}\r\n--cut-here--\r\n`),
    NO_SUCH_TYPE,
  ),
  refused(
    "a form where a control request is meant",
    form("/api/v1/jobs/{{held}}/cancel", [jobPart({ reason: "x" })]),
    WRONG_TYPE,
  ),
  refused("a form where a list of jobs is meant", form("/api/v1/jobs/batch", [jobPart({ jobs: [] })]), WRONG_TYPE),
  refused("a form where a schedule is meant", form("/api/v1/schedules", [jobPart({})]), WRONG_TYPE),
  refused("an upload of two files at once", files([file, filePart("second", "b.csv")]), BAD),
  refused("an upload of a form without a file", files([]), BAD),
  refused("an upload of a form with a field", files([job]), BAD),
  refused("an upload without a body", post("/api/v1/files"), BAD),
  refused(
    "an upload of more than it may be",
    post("/api/v1/files", "x".repeat(1024 * 1024 + 1), { "content-type": "text/csv" }),
    TOO_LARGE,
  ),
  refused("an upload of a form that never ends", formOf("/api/v1/files", `--cut-here\r\n${file}`), BAD),
];

/** Kept as it is, under a random name on the disk. Downloads call it by a name that no header or folder breaks at. */
const keptAs = (name: string) => ({
  status: 201,
  stored: { files: 1, "files on disk": 1 },
  holds: ({ body }: { readonly body: string }) => assert.equal(JSON.parse(body).name, name),
});

export const FILE_NAMES: readonly HostileCase[] = [
  taken("a file name above its folder", upload("..%2f..%2fetc%2fpasswd"), keptAs("../../etc/passwd")),
  taken("a file name at an absolute path", upload("%2fetc%2fcron.d%2fevil"), keptAs("/etc/cron.d/evil")),
  taken("a file name on a drive", upload("C%3A%5CWindows%5Cwin.ini"), keptAs("C:\\Windows\\win.ini")),
  taken("a file name that is a device", upload("CON"), keptAs("CON")),
  taken("a file name of dots", upload(".."), keptAs("..")),
  taken("a file name with a NUL", upload("a.csv%00.exe"), keptAs("a.csv_.exe")),
  taken("a file name with line ends", upload("a%0d%0aSet-Cookie:%20x=1"), keptAs("a__Set-Cookie: x=1")),
  taken("a file name with an escape sequence", upload("%1b%5b2Ja.csv"), keptAs("_[2Ja.csv")),
  taken(
    "a file name that is a tag",
    upload("%3Cimg%20src=x%20onerror=alert(1)%3E"),
    keptAs("<img src=x onerror=alert(1)>"),
  ),
  taken("a file name that is no encoding of anything", upload("%ff%fe"), keptAs("%ff%fe")),
  taken("a file name with a quote", upload('a";b="c'), keptAs('a";b="c')),
  taken("a file name that runs from right to left", upload("%E2%80%AEvsc.exe"), keptAs("\u202evsc.exe")),
  taken(
    "a file name that is a line of a log",
    upload("%7B%22level%22%3A%22error%22%2C%22msg%22%3A%22forged%22%7D"),
    keptAs('{"level":"error","msg":"forged"}'),
  ),
  taken("a form's file name above its folder", files([filePart("file", "../../a.csv")]), keptAs("a.csv")),
  taken("a form's file name with half a character", files([filePart("file", "a\xff.csv")]), {
    status: 201,
    stored: { files: 1, "files on disk": 1 },
    holds: ({ body }) => assert.ok(JSON.parse(body).name.isWellFormed()),
  }),
  refused(
    "an upload whose type is none",
    post("/api/v1/files", "a", { "content-type": "text/<script>; x=1" }),
    WRONG_TYPE,
  ),
];
