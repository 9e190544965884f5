// Who may call: decided before anything of a request is read. A foreign Host (DNS rebinding), a page of another site (CSRF)
// and headers of a proxy that nobody configured are refused here.
import { isIPv4, isIPv6 } from "node:net";
import type { FastifyRequest } from "fastify";
import { invalidRequest, PawlError } from "../domain/errors.ts";

/** Asked by machines that know no names; they tell nothing. */
const ANY_HOST = new Set(["/healthz", "/readyz", "/metrics"]);
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
/** Host headers that were found good are remembered, so that the common ones cost nothing. */
const REMEMBERED_HOSTS_MAX = 100;

/** Whether a Host header names this server: an IP literal, `localhost`, or a name in `names`, with or without a port. */
function isOurHost(header: string, names: ReadonlySet<string>): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed);
  if (plain === undefined) return false;
  const name = plain.toLowerCase();
  return isIPv4(name) || name === "localhost" || names.has(name);
}

/** Whether `origin` is a page of this server, as the browser reached it under `host`. */
function isOurOrigin(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  if (!page || (page.protocol !== "http:" && page.protocol !== "https:")) return false;
  return URL.parse(`${page.protocol}//${host}`)?.host === page.host;
}

function refuseProxyHeaders(headers: FastifyRequest["headers"]): void {
  for (const name in headers) {
    if (name.startsWith("x-forwarded-") || name === "forwarded") {
      throw invalidRequest(`The header ${name} comes from a proxy, and no proxy is configured here. Remove it.`);
    }
  }
}

function refuseOtherSites({ headers, method }: FastifyRequest): void {
  if (SAFE_METHODS.has(method)) return;
  const site = headers["sec-fetch-site"];
  const { origin } = headers;
  const foreign =
    site === "cross-site" || site === "same-site" || (origin !== undefined && !isOurOrigin(origin, headers.host ?? ""));
  if (foreign) throw new PawlError("forbidden", "A page of another site may not change anything here.");
}

/** Creates the check of every request. It throws what the caller is told. */
export function createGuard(allowedHosts: readonly string[]): (request: FastifyRequest) => void {
  const names = new Set(allowedHosts.map((name) => name.toLowerCase()));
  const remembered = new Set<string>();

  function refuseForeignHost(request: FastifyRequest): void {
    const host = request.headers.host ?? "";
    if (remembered.has(host) || ANY_HOST.has(request.routeOptions.url ?? "")) return;
    if (!isOurHost(host, names)) {
      throw new PawlError(
        "misdirected_request",
        "The Host header must be an IP address, localhost, or a name that this server was told to answer to.",
      );
    }
    if (remembered.size < REMEMBERED_HOSTS_MAX) remembered.add(host);
  }

  return (request) => {
    refuseForeignHost(request);
    refuseProxyHeaders(request.headers);
    refuseOtherSites(request);
  };
}
