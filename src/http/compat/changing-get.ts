// GETs that change something, as three of the earlier APIs have them. A browser sends a GET for any page that asks: so
// each is refused, asked back, or done, by one table. The first row that fits decides; what fits none is not done.
import type { FastifyRequest } from "fastify";
import { PawlError } from "../../domain/errors.ts";
import { refuseTokenInQuery } from "../access/credential.ts";
import { refuseOtherSites } from "../guard.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** It was let in without the credential that is needed here: nothing but the page that asks may answer it. */
    mayOnlyAsk: boolean;
  }
}

/** `act`: do it. `ask`: answer with a page that asks first, and do nothing. */
type Verdict = "act" | "ask";

const isChangingGet = ({ method, routeOptions }: FastifyRequest) =>
  method === "GET" && routeOptions.config.operation?.changes === true;

/** Before it is known who calls. The guard has seen to the Host; HEAD is not routed at all, which makes it 405. */
const REFUSALS: readonly ((request: FastifyRequest) => void)[] = [refusePrefetch, refuseOtherSites, refuseTokenInQuery];

interface Asked {
  readonly request: FastifyRequest;
  /** No credential was shown, and none is needed: a listener of this machine alone, without access control. */
  readonly open: boolean;
}

/** Once it is known who calls. */
const VERDICTS: readonly (readonly [when: (asked: Asked) => boolean, verdict: Verdict])[] = [
  [({ request }) => request.credential === "header", "act"],
  [({ request, open }) => isOwnPage(request) && (request.credential === "session" || open), "act"],
  [({ request }) => isNavigation(request) || request.credential === "session", "ask"],
  [({ request, open }) => open && !isBrowser(request), "act"],
];

/** Throws when `request` is a GET that changes something and no caller whatever may send it like that. */
export function refuseUnsafeGet(request: FastifyRequest): void {
  if (!isChangingGet(request)) return;
  for (const refuse of REFUSALS) refuse(request);
}

/**
 * Whether `request` is answered with a page that asks first, and tells nothing, whoever sent it: it needs no credential.
 * Who lets it in for that sets its `mayOnlyAsk`.
 */
export const wantsConfirmation = (request: FastifyRequest): boolean => isChangingGet(request) && isNavigation(request);

/** What to do with a request that was let in. Throws `unauthenticated` for a changing GET that nobody vouches for. */
export function judgeChange(request: FastifyRequest, { loopback }: { readonly loopback: boolean }): Verdict {
  if (!isChangingGet(request)) return "act";
  const open = loopback && request.credential === "none" && !request.mayOnlyAsk;
  const [, verdict] = VERDICTS.find(([when]) => when({ request, open })) ?? [];
  if (verdict) return verdict;
  throw new PawlError(
    "unauthenticated",
    "This GET changes something, and nothing tells who asks for it. Send a token in the Authorization header, or use POST.",
  );
}

/** A browser that fetches ahead does so unasked. */
function refusePrefetch({ headers }: FastifyRequest): void {
  const purposes = [headers["sec-purpose"], headers.purpose, headers["x-purpose"], headers["x-moz"]];
  if (purposes.some((purpose) => /prefetch|prerender|preview/i.test(String(purpose ?? "")))) {
    throw new PawlError("forbidden", "This GET changes something, so it is not answered ahead of time.");
  }
}

const isOwnPage = ({ headers }: FastifyRequest) => headers["sec-fetch-site"] === "same-origin";

/** Typed, or followed as a link. Browsers too old to say so ask for HTML then, which programs do not. */
function isNavigation({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site === "none" || headers["sec-fetch-mode"] === "navigate") return true;
  return site === undefined && headers.accept?.includes("text/html") === true;
}

const BROWSER_HEADERS = [
  "sec-fetch-site",
  "sec-fetch-dest",
  "sec-fetch-user",
  "origin",
  "referer",
  "upgrade-insecure-requests",
];

/** PowerShell begins like one, too. */
const BROWSER_NAME = /^Mozilla\/(?!.*PowerShell)/i;

/**
 * Whether a browser seems to ask. Node's `fetch` is none, though it sends `Sec-Fetch-Mode` and any language. Where browsers
 * send no `Sec-Fetch-Site`, a page can leave out or choose all of these headers but its browser's name.
 */
function isBrowser({ headers }: FastifyRequest): boolean {
  const { "accept-language": language = "*", "user-agent": agent = "" } = headers;
  return BROWSER_NAME.test(agent) || language !== "*" || BROWSER_HEADERS.some((name) => headers[name] !== undefined);
}
