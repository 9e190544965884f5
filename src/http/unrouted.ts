// What is not served: an unknown path is 404, a known path with another method is 405 and told which methods there are.
// A path of an earlier API that is turned off is 404 too, and told how to turn it on.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { OPERATIONS } from "../api/operations.ts";
import { PawlError } from "../domain/errors.ts";

const EARLIER = OPERATIONS.filter(({ tag }) => tag.startsWith("Earlier API")).map(({ path }) =>
  path.replaceAll(/\{(\w+)\}/g, ":$1"),
);
const NOTHING = "Nothing is served under this path. GET /docs shows what is.";
const TURNED_OFF =
  "This path belongs to one of the five earlier APIs, which are off here; `pawl serve` has them with PAWL_COMPAT=on. GET /docs shows what is served.";

/** Answers unrouted requests of `app`: with what the returned function says. Call it before the first route is added. */
export function answerUnrouted(app: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => PawlError {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set();
    methodsOf.set(url, methods);
    for (const name of [method].flat()) methods.add(name);
  });

  function refusal(request: FastifyRequest, reply: FastifyReply): PawlError {
    const path = request.url.split("?", 1)[0] ?? "";
    const parts = path.split("/");
    const allowed = new Set(
      [...methodsOf].filter(([url]) => matches(url, parts)).flatMap(([, methods]) => [...methods]),
    );
    if (allowed.size === 0)
      return new PawlError("not_found", EARLIER.some((url) => matches(url, parts)) ? TURNED_OFF : NOTHING);
    const list = [...allowed].sort().join(", ");
    reply.header("allow", list);
    return new PawlError("method_not_allowed", `This path answers to ${list}, not to ${request.method}.`);
  }

  app.setNotFoundHandler((request, reply) => {
    throw refusal(request, reply);
  });
  return refusal;
}

/** Whether `url`, such as `/jobs/:id`, covers the path that was split into `parts`. */
function matches(url: string, parts: readonly string[]): boolean {
  const own = url.split("/");
  return (
    own.length === parts.length &&
    own.every((part, index) => part === parts[index] || (part.startsWith(":") && parts[index] !== ""))
  );
}
