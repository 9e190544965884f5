// Puts an operation of the API on the server: its schemas check the request and write the reply, its handler does the rest.
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type BodyOf, isChange, type Operation, type ParamsOf, type QueryOf, type ResultOf } from "../api/operation.ts";
import type { Caller } from "../domain/access.ts";
import { invalidRequest } from "../domain/errors.ts";
import { checkReply } from "./check-reply.ts";
import { readPart } from "./refuse-input.ts";

/** A request whose parts have been checked. */
interface Call<T extends Operation> {
  readonly params: ParamsOf<T>;
  readonly query: QueryOf<T>;
  readonly body: BodyOf<T>;
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** JSON, or a stream of bytes, or nothing. A handler sets the status where an operation has more than one. */
export type Handler<T extends Operation> = (call: Call<T>) => Promise<ResultOf<T> | Readable | undefined>;

export interface ServeOptions {
  /** Check every reply against its schema. For tests. */
  readonly validateReplies: boolean;
}

declare module "fastify" {
  interface FastifyContextConfig {
    readonly operation?: Operation;
  }
  interface FastifyRequest {
    /** Known as soon as the request was let in. */
    caller: Caller;
    /** How the caller is known. `none`: no credential was shown, and none was needed. */
    credential: "header" | "session" | "none";
    /** What a change was done to, for the audit, where neither the path nor the reply's `id` says so. */
    auditTarget: string | null;
  }
}

/** Of what strangers may send: nothing that is public takes more than a token. */
const PUBLIC_BODY_BYTES = 4_096;

const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Mounts `operation` on `app`.
 *
 * @example
 * serve(app, getJob, options, ({ params }) => manager.get(params.id));
 */
export function serve<const T extends Operation>(
  app: FastifyInstance,
  operation: T,
  options: ServeOptions,
  handler: Handler<T>,
): void {
  const statuses = Object.keys(operation.replies).map(Number);
  app.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    exposeHeadRoute: operation.replies[200]?.mediaType !== "text/event-stream",
    config: { operation },
    ...(operation.scope === "public" && { bodyLimit: PUBLIC_BODY_BYTES }),
    async handler(request, reply) {
      if (statuses.length === 1 && statuses[0] !== undefined) reply.code(statuses[0]);
      const result = await handler({ ...readRequest(operation, request), caller: request.caller, request, reply });
      if (reply.sent) return reply;
      if (isChange(operation)) request.auditTarget ??= idOf(result);
      const schema = operation.replies[reply.statusCode]?.schema;
      if (!schema) return reply.send(result);
      if (options.validateReplies) checkReply(schema, result);
      // Node 24's own writer beats one compiled from the schema: 1.7 against 2.2 us a job, 64 against 91 us a page of 50.
      return reply.type(JSON_TYPE).send(JSON.stringify(result));
    },
  });
}

function idOf(result: unknown): string | null {
  const { id } = Object(result) as { readonly id?: unknown };
  return typeof id === "string" ? id : null;
}

function readRequest<T extends Operation>(operation: T, request: FastifyRequest) {
  return {
    params: readPart("path", operation.params, request.params) as ParamsOf<T>,
    query: readQuery(operation, request) as QueryOf<T>,
    body: (operation.upload ? undefined : readBody(operation, request.body)) as BodyOf<T>,
  };
}

function readQuery(operation: Operation, request: FastifyRequest): unknown {
  if (operation.query) return readPart("query", operation.query, request.query);
  const [name] = Object.keys(Object(request.query));
  if (name === undefined) return undefined;
  throw invalidRequest(`${operation.method} ${operation.path} takes no query parameters.`, [
    { pointer: `/${name}`, message: "is not known here" },
  ]);
}

/** Checks a JSON body by the operation's schema. */
export function readBody<T extends Operation>(operation: T, body: unknown): BodyOf<T> {
  if (!operation.body && body !== undefined) {
    throw invalidRequest(`${operation.method} ${operation.path} takes no body.`);
  }
  return readPart("body", operation.body, body) as BodyOf<T>;
}
