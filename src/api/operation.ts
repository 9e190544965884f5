// What one operation of the API is: everything that a server needs to serve it and a document to describe it, as data.
import type { z } from "zod";
import type { Scope } from "../domain/access.ts";
import type { ErrorCode } from "../domain/errors.ts";

/** A reply that means success: JSON of a schema, or bytes of a media type, or nothing. */
export interface Reply {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Of a reply that is not JSON. */
  readonly mediaType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly example?: unknown;
}

/** Bodies other than JSON that an operation takes. */
type Upload =
  /** A field `job` and files, beside the JSON body. */
  | "job-with-files"
  /** One file: a multipart field, or the body itself. */
  | "one-file"
  /** One file: the multipart field `file`. */
  | "file-field";

export interface Operation {
  /** `operationId` in the document. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With parameters in braces: `/api/v1/jobs/{id}`. */
  readonly path: string;
  readonly tag: Tag;
  /** The least that a caller has to hold; `public`: nothing, not even where credentials are needed. */
  readonly scope: Scope | "public";
  /**
   * Of a GET that changes something, as earlier APIs have them: a browser that is sent there gets a page instead, which
   * asks first. Other methods always count as changes.
   */
  readonly changes?: true;
  readonly summary: string;
  readonly description: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  /** JSON body. A schema that takes `undefined` makes it optional. */
  readonly body?: z.ZodType;
  readonly bodyExample?: unknown;
  readonly upload?: Upload;
  /** Request headers that mean something here, with what. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Success, and in earlier APIs also the refusals that have a form of their own there. */
  readonly replies: Readonly<Record<number, Reply>>;
  /** Its own errors; those that any operation can answer with are added by `errorsOf`. */
  readonly errors: readonly ErrorCode[];
}

export const TAGS = {
  Jobs: "Submit jobs and look at them.",
  Control: "Steer jobs: pause, resume, stop, kill, try again, undo.",
  Records: "What a job left behind: history, log lines, artifacts.",
  Files: "Files that jobs read.",
  Queues: "Queues: pause them, limit them.",
  Schedules: "Jobs that are submitted again and again.",
  Figures: "How much there is, how fast it goes, and who works.",
  Catalog: "What this server can run, and the data that its jobs made.",
  Live: "What changes, as it changes.",
  Access: "Who may call, and what callers did: sessions, tokens, audit.",
  Server: "The server itself.",
  "Earlier API 1": "Start and stop by id.",
  "Earlier API 2": "CSV upload, bulk teams, export, with stop, start, terminate.",
  "Earlier API 3": "Submit, halt, resume, stop, details.",
  "Earlier API 4": "Worker pool: create, get, list, cancel.",
  "Earlier API 5": "Create a task, poll it.",
} as const;
type Tag = keyof typeof TAGS;

/** Declares an operation, keeping the types of its schemas. */
export const operation = <const T extends Operation>(definition: T): T => definition;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type ReplySchemas<T extends Operation> = T["replies"][keyof T["replies"] & number];

export type ParamsOf<T extends Operation> = Parsed<T["params"]>;
export type QueryOf<T extends Operation> = Parsed<T["query"]>;
export type BodyOf<T extends Operation> = Parsed<T["body"]>;
/** What a handler answers with: the JSON of any of its success replies. */
export type ResultOf<T extends Operation> = ReplySchemas<T> extends { readonly schema: infer S } ? Parsed<S> : never;

const ANY: readonly ErrorCode[] = [
  "invalid_request",
  "misdirected_request",
  "internal",
  "store_unavailable",
  "draining",
];
const CALLED: readonly ErrorCode[] = ["unauthenticated", "forbidden", "rate_limited"];
const CHANGING: readonly ErrorCode[] = ["forbidden", "payload_too_large", "unsupported_media_type"];

/** Whether `operation` changes anything: then pages of other sites may not ask for it, and the audit tells of it. */
export const isChange = ({ method, changes }: Operation): boolean => method !== "GET" || changes === true;

/** Every error code that `operation` can answer with. */
export function errorsOf(operation: Operation): readonly ErrorCode[] {
  const called = operation.scope === "public" ? [] : CALLED;
  const changing = isChange(operation) ? CHANGING : [];
  return [...new Set([...ANY, ...called, ...changing, ...operation.errors])];
}
