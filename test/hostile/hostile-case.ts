// What a case of the corpus says: what is sent, what is answered, and what must hold afterwards. Data only: the runner
// judges. Invariant: status and code stand here word for word, taken from no table of the program.
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { WireReply } from "./wire.ts";

/** A request, as it goes over the wire. `{{name}}` stands for something of the world, such as the id of a job. */
export interface HostileRequest {
  readonly method: string;
  readonly target: string;
  /** Besides Host, Connection and, where there is a body, Content-Type and Content-Length; those given here win, `null` leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string | Buffer;
  /** Instead of all of the above: the bytes themselves. */
  readonly raw?: string | Buffer;
  /** Hang up when everything is sent. */
  readonly breakOff?: boolean;
}

/** Rows by table, and files in the folder, that a case leaves behind. Empty: nothing. */
export type Stored = Readonly<Record<string, number>>;

interface CommonCase {
  /** A sentence's beginning, unique in the corpus. */
  readonly name: string;
  readonly request: HostileRequest;
  /** What else must hold of the reply. */
  readonly holds?: (reply: WireReply) => void;
}

/** Refused with problem details. Nothing may have changed. */
export interface RefusedCase extends CommonCase {
  readonly kind: "refused";
  readonly status: number;
  readonly code: ErrorCode;
}

/** Refused in the form of an earlier API. Nothing may have changed. */
export interface RefusedInOwnFormCase extends CommonCase {
  readonly kind: "refused in own form";
  readonly status: number;
  /** A text, or JSON. */
  readonly answer: unknown;
}

/** Data after all, and nothing but data: served as such. */
export interface TakenCase extends CommonCase {
  readonly kind: "taken";
  readonly status: number;
  readonly stored: Stored;
}

/** Not answered at all: the connection ends. Nothing may have changed. */
export interface CutCase extends CommonCase {
  readonly kind: "cut";
}

export type HostileCase = RefusedCase | RefusedInOwnFormCase | TakenCase | CutCase;

type Expected = readonly [status: number, code: ErrorCode];

export const BAD: Expected = [400, "invalid_request"];
export const BAD_INPUT: Expected = [400, "invalid_input"];
export const NO_SUCH_TYPE: Expected = [400, "unknown_job_type"];
export const UNKNOWN_CALLER: Expected = [401, "unauthenticated"];
export const FORBIDDEN: Expected = [403, "forbidden"];
export const NO_JOB: Expected = [404, "job_not_found"];
export const NOWHERE: Expected = [404, "not_found"];
export const WRONG_METHOD: Expected = [405, "method_not_allowed"];
export const WRONG_STATE: Expected = [409, "action_not_allowed"];
export const NAME_TAKEN: Expected = [409, "name_taken"];
export const TOO_LARGE: Expected = [413, "payload_too_large"];
export const WRONG_TYPE: Expected = [415, "unsupported_media_type"];
export const BEYOND: Expected = [416, "range_not_satisfiable"];
export const MISDIRECTED: Expected = [421, "misdirected_request"];
export const KEY_REUSED: Expected = [422, "idempotency_conflict"];

export const refused = (name: string, request: HostileRequest, [status, code]: Expected): RefusedCase => ({
  kind: "refused",
  name,
  request,
  status,
  code,
});

export const refusedInOwnForm = (
  name: string,
  request: HostileRequest,
  [status, answer]: readonly [status: number, answer: unknown],
): RefusedInOwnFormCase => ({ kind: "refused in own form", name, request, status, answer });

/** `stored`: the rows that it leaves behind. */
export const taken = (
  name: string,
  request: HostileRequest,
  expected: { readonly status: number; readonly stored?: Stored; readonly holds?: (reply: WireReply) => void },
): TakenCase => ({ kind: "taken", name, request, stored: {}, ...expected });

export const cut = (name: string, request: HostileRequest): CutCase => ({ kind: "cut", name, request });

type Headers = HostileRequest["headers"];

export const get = (target: string, headers?: Headers): HostileRequest => ({ method: "GET", target, headers });

/** `body`: an object is sent as JSON, a text or bytes as they are; without one, none is sent. */
export const ask = (
  method: string,
  target: string,
  body?: object | string | null,
  headers?: Headers,
): HostileRequest => {
  if (body === undefined) return { method, target, headers };
  const plain = typeof body === "string" || Buffer.isBuffer(body);
  return { method, target, headers, body: plain ? body : JSON.stringify(body) };
};

export const post = (target: string, body?: object | string | null, headers?: Headers) =>
  ask("POST", target, body, headers);

/** Bytes as they are: every character of `bytes` is one. */
export const raw = (bytes: string): HostileRequest => ({ method: "", target: "", raw: Buffer.from(bytes, "latin1") });

/** A submit of a job that would do no harm, with other properties. */
export const submit = (change: object, headers?: Headers): HostileRequest =>
  post("/api/v1/jobs", { type: "ticker", input: { times: 1 }, queue: "shelf", ...change }, headers);

/** A form of parts, each with its head and body as they are. */
export function form(target: string, parts: readonly string[], boundary = "cut-here"): HostileRequest {
  const body = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`;
  return formOf(target, body, boundary);
}

/** A form whose body is given whole. */
export const formOf = (target: string, body: string, boundary = "cut-here"): HostileRequest => ({
  method: "POST",
  target,
  headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  body: Buffer.from(body, "latin1"),
});

export const jobPart = (job: object | string) =>
  `Content-Disposition: form-data; name="job"\r\n\r\n${typeof job === "string" ? job : JSON.stringify(job)}`;

export const filePart = (field: string, name: string, content = "name\nAda\n") =>
  `Content-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n${content}`;

/** A form that submits an import of the file that it brings. */
export const importForm = (parts: readonly string[]) => form("/api/v1/jobs", parts);

export const importJob = { type: "csv-import", input: { dataset: "hostile" }, queue: "shelf" };

/** Arrays in arrays. */
export const nested = (depth: number, inner = "") => "[".repeat(depth) + inner + "]".repeat(depth);
