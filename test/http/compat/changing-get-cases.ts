// The decision table of GETs that change something, as data: each row with the headers of such a request and with what
// has to come of it, and each route with a job that shows whether it did.
import type { Job } from "../../../src/domain/job.ts";
import type { Manager } from "../../../src/engine/manager.ts";

/**
 * How a server stands: `fresh`: of this machine alone, no token was ever made. `open`: the same, told to need none though
 * there are some. `closed`: needs a credential. `exposed`: reachable from elsewhere, and told to need none.
 */
export const STANDINGS = ["fresh", "open", "closed", "exposed"] as const;
export type Standing = (typeof STANDINGS)[number];

export type Outcome = "acts" | "asks" | 400 | 401 | 403 | 405 | 421;

/** Whose credential the request shows: a token in a header or a session, and with what scope. */
export type Shown =
  | "none"
  | "token"
  | "reading token"
  | "wrong token"
  | "session"
  | "reading session"
  | "ended session";

export interface Row {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: "GET" | "HEAD" | "POST";
  readonly shown?: Shown;
  /** Behind the route's own. */
  readonly query?: string;
  readonly outcome: Outcome | Readonly<Record<Standing, Outcome>>;
}

const OWN = "http://localhost";
const FOREIGN = "http://localhost:3000";
const site = (value: string, more: Readonly<Record<string, string>> = {}) => ({ "sec-fetch-site": value, ...more });
const NAVIGATE = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const PREFETCH = { "sec-purpose": "prefetch;prerender" };

/** Only where no credential is needed, on a listener of this machine. */
const WHERE_OPEN = { fresh: "acts", open: "acts", closed: 401, exposed: 401 } as const;

const REFUSED: readonly Row[] = [
  { name: "a foreign Host", headers: { host: "evil.com" }, outcome: 421 },
  {
    name: "a foreign Host, whatever else is wrong",
    headers: { host: "evil.com", ...PREFETCH, ...site("cross-site", { origin: FOREIGN }) },
    shown: "token",
    query: "token=x",
    outcome: 421,
  },
  { name: "a prefetch", headers: { "sec-purpose": "prefetch" }, outcome: 403 },
  {
    name: "a prefetch of our own page with a session",
    headers: site("same-origin", PREFETCH),
    shown: "session",
    outcome: 403,
  },
  { name: "a prefetch with a token", headers: PREFETCH, shown: "token", outcome: 403 },
  {
    name: "a prefetch that is navigated to",
    headers: site("none", { ...NAVIGATE, purpose: "prefetch" }),
    outcome: 403,
  },
  { name: "a prefetch of an old browser", headers: { "x-moz": "prefetch" }, shown: "token", outcome: 403 },
  { name: "a preview", headers: { "x-purpose": "preview" }, outcome: 403 },
  { name: "a prefetch with a token in the address", headers: PREFETCH, query: "token=x", outcome: 403 },
  { name: "HEAD", method: "HEAD", outcome: 405 },
  { name: "HEAD with a token", method: "HEAD", shown: "token", outcome: 405 },
  { name: "HEAD of our own page", method: "HEAD", headers: site("same-origin"), shown: "session", outcome: 405 },
  { name: "HEAD of another site", method: "HEAD", headers: site("cross-site"), outcome: 405 },
  { name: "another site", headers: site("cross-site"), outcome: 403 },
  { name: "another site with a token", headers: site("cross-site"), shown: "token", outcome: 403 },
  { name: "another site with a session", headers: site("cross-site"), shown: "session", outcome: 403 },
  { name: "a link on another site", headers: site("cross-site", NAVIGATE), outcome: 403 },
  { name: "a sister site", headers: site("same-site"), shown: "session", outcome: 403 },
  { name: "a link on a sister site", headers: site("same-site", NAVIGATE), shown: "token", outcome: 403 },
  { name: "another site with a token in the address", headers: site("cross-site"), query: "token=x", outcome: 403 },
  { name: "a foreign Origin", headers: { origin: FOREIGN }, outcome: 403 },
  { name: "a foreign Origin with a token", headers: { origin: "http://evil.com" }, shown: "token", outcome: 403 },
  { name: "a foreign Origin that says to be ours", headers: site("same-origin", { origin: FOREIGN }), outcome: 403 },
  { name: "an Origin of nowhere", headers: { origin: "null" }, shown: "session", outcome: 403 },
  { name: "a token in the address", query: "token=x", outcome: 400 },
  { name: "a token in the address, by another name", query: "Access_Token=x", shown: "token", outcome: 400 },
  { name: "a token in the address that is navigated to", headers: site("none"), query: "token=x", outcome: 400 },
];

const BY_CREDENTIAL: readonly Row[] = [
  { name: "a token", shown: "token", outcome: "acts" },
  { name: "a token and our own Origin", headers: { origin: OWN }, shown: "token", outcome: "acts" },
  { name: "a token in a request that is navigated", headers: site("none", NAVIGATE), shown: "token", outcome: "acts" },
  { name: "a token that may only read", shown: "reading token", outcome: 403 },
  { name: "a token that is none", shown: "wrong token", outcome: 401 },
  { name: "a token that is none, navigated", headers: site("none", NAVIGATE), shown: "wrong token", outcome: 401 },
  { name: "our own page with a session", headers: site("same-origin"), shown: "session", outcome: "acts" },
  {
    name: "a link on our own page with a session",
    headers: site("same-origin", NAVIGATE),
    shown: "session",
    outcome: "acts",
  },
  {
    name: "our own page with a session that may only read",
    headers: site("same-origin"),
    shown: "reading session",
    outcome: 403,
  },
  { name: "our own page", headers: site("same-origin"), outcome: WHERE_OPEN },
  {
    name: "our own page with an ended session",
    headers: site("same-origin"),
    shown: "ended session",
    outcome: WHERE_OPEN,
  },
  {
    name: "a link on our own page",
    headers: site("same-origin", NAVIGATE),
    outcome: { fresh: "acts", open: "acts", closed: "asks", exposed: "asks" },
  },
];

const BY_BROWSER: readonly Row[] = [
  { name: "a typed address", headers: site("none", NAVIGATE), outcome: "asks" },
  { name: "a typed address, without a mode", headers: site("none"), outcome: "asks" },
  { name: "a typed address with a session", headers: site("none", NAVIGATE), shown: "session", outcome: "asks" },
  { name: "a typed address with an ended session", headers: site("none"), shown: "ended session", outcome: "asks" },
  { name: "a navigation that says no more", headers: { "sec-fetch-mode": "navigate" }, outcome: "asks" },
  { name: "a session without any Sec-Fetch header", shown: "session", outcome: "asks" },
  {
    name: "a browser that says nothing but that it wants a page",
    headers: { accept: "text/html,*/*" },
    outcome: "asks",
  },
  { name: "no browser headers", outcome: WHERE_OPEN },
  { name: "curl", headers: { "user-agent": "curl/8.5.0", accept: "*/*" }, outcome: WHERE_OPEN },
  {
    name: "fetch of Node",
    headers: { "user-agent": "node", accept: "*/*", "accept-language": "*", "sec-fetch-mode": "cors" },
    outcome: WHERE_OPEN,
  },
  { name: "PowerShell", headers: { "user-agent": "Mozilla/5.0 (Windows NT) PowerShell/7.4" }, outcome: WHERE_OPEN },
  {
    name: "a browser that tells but its name",
    headers: { "user-agent": "Mozilla/5.0 (X11) Firefox/60.0" },
    outcome: 401,
  },
  { name: "an image in an old browser", headers: { "accept-language": "de", accept: "image/*" }, outcome: 401 },
  { name: "a page that an old browser came from", headers: { referer: "http://evil.com/" }, outcome: 401 },
  { name: "our own Origin and nothing else", headers: { origin: OWN }, outcome: 401 },
  { name: "a site that there is not", headers: site("nowhere"), outcome: 401 },
  { name: "a parameter twice", shown: "token", query: "x=1&x=2", outcome: 400 },
  {
    name: "a parameter twice in a typed address",
    headers: site("none"),
    shown: "session",
    query: "x=1&x=1",
    outcome: 400,
  },
];

const POST = { method: "POST" } as const;
const BY_POST: readonly Row[] = [
  {
    ...POST,
    name: "the button of our own page",
    headers: site("same-origin", { origin: OWN }),
    shown: "session",
    outcome: "acts",
  },
  {
    ...POST,
    name: "the button of our own page without a credential",
    headers: site("same-origin", { origin: OWN, ...NAVIGATE }),
    outcome: { fresh: "acts", open: "acts", closed: 401, exposed: "acts" },
  },
  {
    ...POST,
    name: "a button of another site",
    headers: site("cross-site", { origin: FOREIGN }),
    shown: "session",
    outcome: 403,
  },
  { ...POST, name: "a button of nowhere", headers: { origin: "null" }, shown: "session", outcome: 403 },
  { ...POST, name: "a POST with a token", shown: "token", outcome: "acts" },
  { ...POST, name: "a POST with a token in the address", query: "token=x", outcome: 400 },
];

export const ROWS: readonly Row[] = [...REFUSED, ...BY_CREDENTIAL, ...BY_BROWSER, ...BY_POST];

/** A route, with a job of its own for one request. */
export interface Armed {
  readonly url: string;
  /** Whether the request did what it says. */
  changed(): Promise<boolean>;
}

export interface Route {
  readonly path: string;
  arm(manager: Manager, key: string): Promise<Armed>;
}

const LATER = { availableAt: "2999-01-01T00:00:00Z" };

/** A route that brings a waiting job into another state. */
function steering(
  path: string,
  job: { readonly type: string; readonly input: object },
  { place, reached, paused = false }: { place: (job: Job) => string; reached: Job["state"]; paused?: boolean },
): Route {
  return {
    path,
    async arm(manager, key) {
      const armed = await manager.submit({ ...job, key, ...LATER });
      if (paused) await manager.pause(armed.id);
      const before = paused ? "paused" : "queued";
      return {
        url: place(armed),
        async changed() {
          const { state } = (await manager.get(armed.id)) ?? {};
          if (state !== before && state !== reached) throw new Error(`${path}: the job is ${state}.`);
          return state === reached;
        },
      };
    },
  };
}

const simple = { type: "simple", input: {} };

export const ROUTES: readonly Route[] = [
  {
    path: "/start",
    arm: async (manager, key) => ({
      url: `/start?id=${key}`,
      changed: async () => (await manager.list({ key })).items.length > 0,
    }),
  },
  steering("/stop", { type: "ticker", input: {} }, { place: ({ key }) => `/stop?id=${key}`, reached: "cancelled" }),
  steering(
    "/updateTask",
    { type: "data-export", input: { dataset: "baseline" } },
    { place: ({ key }) => `/updateTask?id=${key}&action=stop`, reached: "paused" },
  ),
  steering("/halt/:jobID", simple, { place: ({ id }) => `/halt/${id}`, reached: "paused" }),
  steering("/resume/:jobID", simple, { place: ({ id }) => `/resume/${id}`, reached: "queued", paused: true }),
  steering("/stop/:jobID", simple, { place: ({ id }) => `/stop/${id}`, reached: "cancelled" }),
];
