// Bodies of the earlier APIs: JSON whatever the Content-Type says, since their clients send what their tools happen to
// send. A form is left to the routes that take files, and a body that a route does not take is passed over.
import { isUtf8 } from "node:buffer";
import fastifyMultipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { JSON_MAX_BYTES } from "../../api/requests.ts";
import { invalidRequest } from "../../domain/errors.ts";
import type { BodyDeadline } from "../body-deadline.ts";
import { parseJson } from "../json-body.ts";

const MULTIPART = "multipart/form-data";
/** Takes the place of any other type, so that one that is malformed is no obstacle. */
const ANY = "application/json";

/** Makes `scope` read bodies this way. */
export async function acceptAnyBody(scope: FastifyInstance, deadline: BodyDeadline): Promise<void> {
  scope.removeAllContentTypeParsers();
  scope.addHook("onRequest", (request, _reply, done) => {
    if (!takesForm(request)) {
      request.headers["content-type"] = ANY;
      if (request.method !== "GET") deadline.begin(request.raw);
    }
    done();
  });
  const options = { parseAs: "buffer", bodyLimit: JSON_MAX_BYTES } as const;
  scope.addContentTypeParser(ANY, options, (request, bytes: Buffer, done) => {
    deadline.end(request.raw);
    try {
      done(null, bodyOf(request, bytes));
    } catch (error) {
      done(error instanceof Error ? error : new Error("The body cannot be read.", { cause: error }));
    }
  });
  await scope.register(fastifyMultipart);
}

const takesForm = ({ headers, routeOptions }: FastifyRequest) =>
  routeOptions.config.operation?.upload !== undefined && headers["content-type"]?.toLowerCase().startsWith(MULTIPART);

function bodyOf({ routeOptions }: FastifyRequest, bytes: Buffer): unknown {
  if (!routeOptions.config.operation?.body || bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw invalidRequest("The JSON is not UTF-8.");
  return parseJson(bytes.toString());
}
