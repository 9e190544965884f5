// Where a request may come from, whoever sends it: decided before anything of it is read. A foreign Host (DNS rebinding)
// and a page of another site that wants to change something (CSRF) are refused here.
import { isIPv4, isIPv6 } from "node:net";
import type { FastifyRequest } from "fastify";
import { invalidRequest, PawlError } from "../domain/errors.ts";
import type { TrustedProxies } from "./access/trusted-proxies.ts";

/** Asked by machines that know no names; they tell nothing. */
const ANY_HOST = new Set(["/healthz", "/readyz"]);
const METRICS = "/metrics";
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
/** Host headers that were found good are remembered, so that the common ones cost nothing. */
const REMEMBERED_HOSTS_MAX = 100;

/** Whether a Host header names this server: an IP literal, `localhost`, or a name in `names`, with or without a port. */
function isOurHost(header: string, names: ReadonlySet<string>): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) && !bracketed.includes("%");
  if (plain === undefined) return false;
  const name = plain.toLowerCase();
  return isIPv4(name) || name === "localhost" || names.has(name);
}

/** The metrics name types and queues: for any Host only to who shows a credential, which a page of another site cannot. */
const isForAnyHost = ({ headers, routeOptions: { url = "" } }: FastifyRequest): boolean =>
  ANY_HOST.has(url) || (url === METRICS && headers.authorization !== undefined);

/** Whom the request is for. An absolute address in its first line counts too (RFC 9112, section 3.2.2). */
function hostsOf({ headers, raw: { url = "", rawHeaders } }: FastifyRequest): readonly string[] {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.length === 4 && /^host$/i.test(name));
  if (hosts.length > 1) throw invalidRequest("The request has more than one Host header. Send it once.");
  const named = headers.host ?? "";
  return url.startsWith("/") ? [named] : [named, URL.parse(url)?.host ?? ""];
}

/** Whether `origin` is a page of this server, as the browser reached it. Plain http may have become https on the way. */
function isOurOrigin(origin: string, { host, protocol }: FastifyRequest): boolean {
  const page = URL.parse(origin);
  if (!page || (page.protocol !== "https:" && (page.protocol !== "http:" || protocol === "https"))) return false;
  return URL.parse(`${page.protocol}//${host}`)?.host === page.host;
}

/** Throws when a page of another site asks. For requests that change something. */
export function refuseOtherSites(request: FastifyRequest): void {
  const { origin, "sec-fetch-site": site } = request.headers;
  const foreign =
    site === "cross-site" || site === "same-site" || (origin !== undefined && !isOurOrigin(origin, request));
  if (foreign) throw new PawlError("forbidden", "A page of another site may not change anything here.");
}

export interface GuardOptions {
  readonly allowedHosts: readonly string[];
  readonly proxies: TrustedProxies;
}

/** Creates the check of every request. It throws what the caller is told. */
export function createGuard({ allowedHosts, proxies }: GuardOptions): (request: FastifyRequest) => void {
  const names = new Set(allowedHosts.map((name) => name.toLowerCase()));
  const remembered = new Set<string>();

  function refuseForeignHost(request: FastifyRequest, host: string): void {
    if (remembered.has(host) || isForAnyHost(request)) return;
    if (!isOurHost(host, names)) {
      throw new PawlError(
        "misdirected_request",
        "The Host header must be an IP address, localhost, or a name in PAWL_ALLOWED_HOSTS. Address the server by one of these, or have the name added there.",
      );
    }
    if (remembered.size < REMEMBERED_HOSTS_MAX) remembered.add(host);
  }

  return (request) => {
    for (const host of hostsOf(request)) refuseForeignHost(request, host);
    const forwarded = request.headers["x-forwarded-host"];
    if (forwarded !== undefined && proxies.trusts(request.raw.socket.remoteAddress)) {
      for (const host of String(forwarded).split(",")) refuseForeignHost(request, host.trim());
    }
    if (!SAFE_METHODS.has(request.method)) refuseOtherSites(request);
  };
}
