// What one operation of the API is: everything that a server needs to serve it and a document to describe it, as data.
import type { z } from "zod";
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
  | "one-file";

export interface Operation {
  /** `operationId` in the document. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With parameters in braces: `/api/v1/jobs/{id}`. */
  readonly path: string;
  readonly tag: Tag;
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
  Server: "The server itself.",
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
const CHANGING: readonly ErrorCode[] = ["forbidden", "payload_too_large", "unsupported_media_type"];

/** Every error code that `operation` can answer with. */
export function errorsOf(operation: Operation): readonly ErrorCode[] {
  return [...ANY, ...(operation.method === "GET" ? [] : CHANGING), ...operation.errors];
}
