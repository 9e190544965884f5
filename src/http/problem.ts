// Turns whatever went wrong into problem details. What Pawl did not expect is logged under a correlation id, and nothing
// of it is told: no stack, no SQL, no path.
import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { errorsOf } from "../api/operation.ts";
import { PROBLEM_MEDIA_TYPE, type Problem, problemHead, problemSchema } from "../api/problem.ts";
import { type ErrorCode, PawlError } from "../domain/errors.ts";
import type { Logger } from "../ports/logger.ts";
import { withoutTokens } from "./access/without-tokens.ts";

function problemOf(error: PawlError): Problem {
  const { errors, state, allowedActions, holder } = error.extras;
  return {
    ...problemHead(error.code),
    detail: error.message,
    code: error.code,
    ...(errors && { errors: [...errors] }),
    ...(state && { state }),
    ...(allowedActions && { allowedActions: [...allowedActions] }),
    ...(holder !== undefined && { holder }),
  };
}

/** What the server's own library says of a request, in Pawl's words. */
const FRAMEWORK: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["unsupported_media_type", "The body must be sent as application/json."],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    "payload_too_large",
    "The body is larger than it may be here: 4 KiB on paths for everybody, 1 MiB elsewhere.",
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["invalid_request", "The body is not as long as its Content-Length says."],
  FST_ERR_BAD_URL: ["invalid_request", "The path has a malformed percent-encoding."],
};

const BY_STATUS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  413: ["payload_too_large", "The request is too large, or has too many parts."],
  414: ["invalid_request", "A part of the path is too long."],
  415: ["unsupported_media_type", "The body's content type is not one that this path takes."],
};

/** The error of the server's own library that is the caller's fault; `null`: it is not. */
export function fromFramework(error: FastifyError): PawlError | null {
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return null;
  const [code, message] = FRAMEWORK[error.code] ??
    BY_STATUS[status] ?? ["invalid_request", "The request could not be read."];
  return new PawlError(code, message, { cause: error });
}

/** Answers what is not even an HTTP request, as far as the connection still can. */
export function answerUnreadable(_error: Error, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy();
  const body = JSON.stringify(
    problemOf(new PawlError("invalid_request", "This is not an HTTP request, or its headers are too large.")),
  );
  const head = `Content-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`HTTP/1.1 400 Bad Request\r\n${head}\r\n\r\n${body}`);
}

/** What a caller needs to know besides the problem: how to be let in, or when to try again, in seconds. */
const HEADERS: Partial<Record<ErrorCode, readonly [name: string, value: string]>> = {
  unauthenticated: ["www-authenticate", "Bearer"],
  rate_limited: ["retry-after", "1"],
  queue_full: ["retry-after", "5"],
  too_many_streams: ["retry-after", "5"],
  store_unavailable: ["retry-after", "5"],
  draining: ["retry-after", "5"],
};

export interface ErrorReplies {
  /** Answers with the problem that `error` is. */
  handle(error: unknown, request: FastifyRequest, reply: FastifyReply): void;
}

export interface ErrorReplyOptions {
  readonly logger: Logger;
  /** Makes correlation ids unique over restarts. */
  readonly bootId: string;
  /** An error that the operation does not document becomes an internal one. For tests. */
  readonly validateReplies: boolean;
}

export function createErrorReplies({ logger, bootId, validateReplies }: ErrorReplyOptions): ErrorReplies {
  function internal(error: unknown, request: FastifyRequest): Problem {
    const correlationId = `${bootId}-${request.id}`;
    logger.error(
      { err: error, correlationId, method: request.method, route: request.routeOptions.url },
      "A request failed.",
    );
    const detail = `Something went wrong in the server. Its log says what, under ${correlationId}.`;
    return { ...problemHead("internal"), detail, code: "internal", correlationId };
  }

  function problemFor(error: unknown, request: FastifyRequest): Problem {
    const known = error instanceof PawlError ? error : fromFramework(Object(error));
    if (!known || known.code === "internal") return internal(error, request);
    const { operation } = request.routeOptions.config;
    if (validateReplies && operation && !errorsOf(operation).includes(known.code)) {
      return internal(
        new Error(`${operation.id} does not document the error ${known.code}.`, { cause: error }),
        request,
      );
    }
    if (problemHead(known.code).status >= 500) logger.warn({ err: known }, "A request could not be served.");
    return problemOf(known);
  }

  return {
    handle(error, request, reply) {
      const problem = problemFor(error, request);
      request.refusal = problem.code;
      if (validateReplies) problemSchema.strict().parse(problem);
      for (const name of ["content-disposition", "content-length", "etag"]) reply.removeHeader(name);
      const [name, value] = HEADERS[problem.code] ?? [];
      if (name !== undefined && !reply.hasHeader(name)) reply.header(name, value);
      reply
        .code(problem.status)
        .type(PROBLEM_MEDIA_TYPE)
        .send(withoutTokens(JSON.stringify(problem)));
    },
  };
}
