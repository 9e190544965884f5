// Puts an operation of an earlier API on the server. It differs from `serve` in what those clients rely on: errors in the
// API's own words, parameters that nobody knows are passed over, and GETs that change something, with the care they need.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { BodyOf, Operation, ParamsOf, QueryOf } from "../../api/operation.ts";
import type { Caller } from "../../domain/access.ts";
import { ERROR_CODES, type ErrorCode, invalidRequest, PawlError } from "../../domain/errors.ts";
import { checkReply } from "../check-reply.ts";
import { fromFramework } from "../problem.ts";
import { readPart } from "../refuse-input.ts";
import { judgeChange } from "./changing-get.ts";
import type { CompatServices } from "./compat-services.ts";
import { type Confirmation, createConfirmPage } from "./confirm-page.ts";

/** What a client of an earlier API gets. */
export interface CompatReply {
  readonly status: number;
  /** A text is sent as it is, anything else as JSON. */
  readonly body: unknown;
  /** The job that it is about, for the audit and for the link to the route that takes this one's place. */
  readonly jobId?: string;
  /** Where it depends on the request which one that is. */
  readonly successor?: Operation;
}

/** A request whose parts have been checked. */
export interface CompatCall<T extends Operation> {
  readonly params: ParamsOf<T>;
  readonly query: QueryOf<T>;
  readonly body: BodyOf<T>;
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface CompatRules<T extends Operation> {
  /**
   * The error in the API's own words; `null`: as problem details, like everywhere. Errors of access (401, 403, 421, too
   * many requests) and of the server (5xx) never come here. `extras.errors` is left out for a body that is no JSON, and
   * names the places where a part of the request does not fit its schema.
   */
  readonly refusal: (error: PawlError, request: FastifyRequest) => CompatReply | null | Promise<CompatReply | null>;
  /** The canonical operation that does the same. */
  readonly successor: Operation;
  /** Of a GET that changes something: what its page asks. */
  readonly confirmation?: (call: Pick<CompatCall<T>, "params" | "query">) => Confirmation;
}

export type CompatHandler<T extends Operation> = (call: CompatCall<T>) => Promise<CompatReply>;

declare module "fastify" {
  interface FastifyRequest {
    /** Whether the request was let in: errors from before that are nobody's own. */
    admitted: boolean;
  }
}

/** When these APIs became old (RFC 9745): 2025-01-01. */
const DEPRECATED_SINCE = "@1735689600";
const TEXT_TYPE = "text/plain; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";
/** Codes of access: who may call is told in one way everywhere. */
const OF_ACCESS: ReadonlySet<ErrorCode> = new Set([
  "misdirected_request",
  "unauthenticated",
  "forbidden",
  "rate_limited",
]);

/**
 * Mounts `operation` on the scope of its API.
 *
 * @example
 * serveCompat(scope, getPooled, services, { refusal, successor: getJob }, async ({ params }) => ({ status: 200, body }));
 */
export function serveCompat<const T extends Operation>(
  scope: FastifyInstance,
  operation: T,
  services: CompatServices,
  rules: CompatRules<NoInfer<T>>,
  handler: CompatHandler<NoInfer<T>>,
): void {
  const { refusal, successor, confirmation } = rules;
  if (isAsking(operation) && !confirmation)
    throw new Error(`${operation.id} changes something: say what its page asks.`);
  const page = createConfirmPage();
  const answer = (request: FastifyRequest, reply: FastifyReply, made: CompatReply) => {
    announceSuccessor(reply, made.successor ?? successor, made.jobId);
    if (made.jobId !== undefined) request.auditTarget = made.jobId;
    // What a handler refuses by itself is what the job's state does not allow.
    if (made.status >= 400) request.refusal ??= "action_not_allowed";
    return send(reply, operation, made, services);
  };
  scope.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    exposeHeadRoute: false,
    config: { operation },
    onRequest: (request, _reply, done) => {
      request.admitted = true;
      done();
    },
    async handler(request, reply) {
      const verdict = judgeChange(request, services);
      const parts = readRequest(operation, request);
      if (verdict === "ask" && confirmation) {
        announceSuccessor(reply, successor);
        request.unchanged = true;
        return page(reply, confirmation(parts));
      }
      return answer(request, reply, await handler({ ...parts, caller: request.caller, request, reply }));
    },
    async errorHandler(error, request, reply) {
      const known = error instanceof PawlError ? error : fromFramework(error);
      const made = known && isTranslated(known, request) ? await refusal(known, request) : null;
      if (known && made) {
        request.refusal = known.code;
        return answer(request, reply, made);
      }
      announceSuccessor(reply, successor);
      throw error;
    },
  });
}

const isAsking = ({ method, changes }: Operation) => method === "GET" && changes === true;

const isTranslated = ({ code }: PawlError, { admitted }: FastifyRequest) =>
  admitted && ERROR_CODES[code].status < 500 && !OF_ACCESS.has(code);

/** Where the job is not known, its route is told as far as it is the same for all. */
function announceSuccessor(reply: FastifyReply, { path }: Operation, jobId?: string): void {
  const place = jobId === undefined ? path.split("/{", 1)[0] : path.replace("{id}", jobId);
  reply.header("deprecation", DEPRECATED_SINCE).header("link", `<${place}>; rel="successor-version"`);
}

function send(reply: FastifyReply, operation: Operation, made: CompatReply, { validateReplies }: CompatServices) {
  const { status, body } = made;
  if (validateReplies) checkCompatReply(operation, made);
  reply.code(status);
  if (typeof body === "string") return reply.type(TEXT_TYPE).send(body);
  return reply.type(JSON_TYPE).send(JSON.stringify(body));
}

function checkCompatReply({ id, replies }: Operation, { status, body }: CompatReply): void {
  const { schema, mediaType } = replies[status] ?? {};
  if (schema) checkReply(schema, body);
  else if (typeof body !== "string" || !mediaType?.startsWith("text/plain")) {
    throw new Error(`${id} does not document a reply ${status} of this kind.`);
  }
}

function readRequest<T extends Operation>(operation: T, request: FastifyRequest) {
  refuseRepeated(request.query);
  return {
    params: readPart("path", operation.params, request.params) as ParamsOf<T>,
    query: readPart("query", operation.query, request.query) as QueryOf<T>,
    body: readPart("body", operation.body, request.body) as BodyOf<T>,
  };
}

/** Which of them was meant would be a guess. */
function refuseRepeated(query: unknown): void {
  const [name] = Object.entries(Object(query)).find(([, value]) => Array.isArray(value)) ?? [];
  if (name === undefined) return;
  throw invalidRequest(`The query parameter "${name}" is given more than once.`, [
    { pointer: `/${name}`, message: "is given more than once" },
  ]);
}
