// Reads JSON bodies: UTF-8, at most so deep, and without keys that could reach a prototype.
import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";
import { JSON_MAX_BYTES, JSON_MAX_DEPTH } from "../api/requests.ts";
import { invalidRequest, PawlError } from "../domain/errors.ts";
import type { BodyDeadline } from "./body-deadline.ts";

/** Refuses a value that is nested too deep, or that has a key which could reach a prototype. */
export function checkJson(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth >= JSON_MAX_DEPTH) throw invalidRequest(`The JSON is nested deeper than ${JSON_MAX_DEPTH} levels.`);
  if (Array.isArray(value)) {
    for (const item of value) checkJson(item, depth + 1);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === "__proto__" || (key === "constructor" && typeof member === "object")) {
      throw invalidRequest(`The JSON has a key "${key}", which is not accepted.`);
    }
    checkJson(member, depth + 1);
  }
}

/** Parses and checks. What is not JSON is an invalid request. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidRequest(
      `The JSON cannot be read: ${error instanceof SyntaxError ? error.message : "it is malformed"}.`,
    );
  }
  checkJson(value);
  return value;
}

/** Bodies are taken as they are: whoever packs one would have it stored or read as something else. */
export function refuseEncoded({ "content-encoding": coding = "identity" }: IncomingHttpHeaders): void {
  if (coding.toLowerCase() === "identity") return;
  throw new PawlError("unsupported_media_type", "The body is packed (Content-Encoding). Send it as it is.");
}

/** Makes JSON the only kind of body. An empty one is none. */
export function acceptJsonBodies(app: FastifyInstance, deadline: BodyDeadline): void {
  app.removeAllContentTypeParsers();
  const options = { parseAs: "buffer", bodyLimit: JSON_MAX_BYTES } as const;
  app.addContentTypeParser("application/json", options, (request, bytes: Buffer, done) => {
    deadline.end(request.raw);
    try {
      refuseEncoded(request.headers);
      if (!isUtf8(bytes)) throw invalidRequest("The JSON is not UTF-8.");
      done(null, bytes.length === 0 ? undefined : parseJson(bytes.toString()));
    } catch (error) {
      done(error instanceof Error ? error : new Error("The JSON cannot be read.", { cause: error }));
    }
  });
}
