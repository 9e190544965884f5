// Headers: other servers' names, other sites' pages, proxies, credentials, keys, ranges.
import assert from "node:assert/strict";
import {
  ask,
  BAD,
  BEYOND,
  FORBIDDEN,
  get,
  type HostileCase,
  MISDIRECTED,
  post,
  raw,
  refused,
  submit,
  taken,
  UNKNOWN_CALLER,
} from "../hostile-case.ts";

const withHost = (host: string | null) => get("/api/v1/jobs", { host });
const change = (headers: Readonly<Record<string, string>>) => post("/api/v1/jobs/{{held}}/cancel", undefined, headers);
const headed = (lines: string, line = "GET /api/v1/job-types HTTP/1.1") =>
  raw(`${line}\r\n${lines}\r\nConnection: close\r\n\r\n`);
const host = "Host: localhost";

export const HOSTS_AND_SITES: readonly HostileCase[] = [
  refused("the Host of another server", withHost("evil.example"), MISDIRECTED),
  refused("a Host that begins like ours", withHost("localhost.evil.example"), MISDIRECTED),
  refused("a Host that ends like ours", withHost("evil-localhost"), MISDIRECTED),
  refused("a Host with a user", withHost("localhost@evil.example"), MISDIRECTED),
  refused("a Host with a dot behind it", withHost("localhost."), MISDIRECTED),
  refused("a Host with two ports", withHost("localhost:8080:80"), MISDIRECTED),
  refused("a Host with a port of words", withHost("localhost:http"), MISDIRECTED),
  refused("a Host that is one number", withHost("2130706433"), MISDIRECTED),
  refused("a Host in hexadecimal", withHost("0x7f000001"), MISDIRECTED),
  refused("a Host of two names", withHost("localhost, evil.example"), MISDIRECTED),
  refused("a Host with a path", withHost("localhost/evil"), MISDIRECTED),
  refused("a Host in brackets that is none", withHost("[evil.example]"), MISDIRECTED),
  refused("a Host in a bracket that stays open", withHost("[::1"), MISDIRECTED),
  refused("a Host that is empty", withHost(""), MISDIRECTED),
  refused("a Host of 10,000 characters", withHost("a".repeat(10_000)), MISDIRECTED),
  refused("a Host of a file", get("/openapi.json", { host: "evil.example" }), MISDIRECTED),
  refused("a Host of another server, for a page", get("/docs", { host: "evil.example" }), MISDIRECTED),
  refused("a Host of another server, for nothing", get("/nothing", { host: "evil.example" }), MISDIRECTED),
  refused("no Host", headed("Accept: */*"), MISDIRECTED),
  refused("no Host in HTTP/1.0", headed("Accept: */*", "GET /api/v1/job-types HTTP/1.0"), MISDIRECTED),
  refused(
    "an absolute address whose Host is another's",
    get("http://localhost/api/v1/jobs", { host: "evil.example" }),
    MISDIRECTED,
  ),
  refused("two Hosts", headed("Host: localhost\r\nHost: evil.example"), BAD),
  refused("a change that a page of another site asks for", change({ "sec-fetch-site": "cross-site" }), FORBIDDEN),
  refused("a change that a page of the same site asks for", change({ "sec-fetch-site": "same-site" }), FORBIDDEN),
  refused("a change from another origin", change({ origin: "https://evil.example" }), FORBIDDEN),
  refused("a change from an origin that hides", change({ origin: "null" }), FORBIDDEN),
  refused("a change from another port of ours", change({ origin: "http://localhost:3000" }), FORBIDDEN),
  refused("a change from an origin that is no address", change({ origin: "localhost" }), FORBIDDEN),
  refused("a change from a file", change({ origin: "file://localhost" }), FORBIDDEN),
  refused("a change from an origin that is empty", change({ origin: "" }), FORBIDDEN),
  refused(
    "an upload that a page of another site sends",
    post("/api/v1/files", "x", { "content-type": "text/plain", origin: "https://evil.example" }),
    FORBIDDEN,
  ),
  refused(
    "a delete that a page of another site asks for",
    ask("DELETE", "/api/v1/jobs/{{done}}", undefined, { "sec-fetch-site": "cross-site" }),
    FORBIDDEN,
  ),
  refused(
    "a PUT of another site, where there is none",
    ask("PUT", "/api/v1/jobs", undefined, { "sec-fetch-site": "cross-site" }),
    FORBIDDEN,
  ),
  refused("an address that a proxy claims", get("/api/v1/jobs", { "x-forwarded-for": "127.0.0.1" }), BAD),
  refused("a Host that a proxy claims", get("/api/v1/jobs", { "x-forwarded-host": "localhost" }), BAD),
  refused("a scheme that a proxy claims", get("/api/v1/jobs", { "x-forwarded-proto": "https" }), BAD),
  refused(
    "what a proxy says in the newer form",
    get("/api/v1/jobs", { forwarded: "for=127.0.0.1;host=localhost" }),
    BAD,
  ),
];

export const HEADER_BYTES: readonly HostileCase[] = [
  refused("a header with a NUL", headed(`${host}\r\nX-A: a\0b`), BAD),
  refused("a header with a line end of its own", headed(`${host}\r\nX-A: a\rX-B: b`), BAD),
  refused("a header that is folded", headed(`${host}\r\nX-A: a\r\n b`), BAD),
  refused("a header with a space before the colon", headed(`${host}\r\nX-A : a`), BAD),
  refused("a header without a colon", headed(`${host}\r\nX-A`), BAD),
  refused("a header without a name", headed(`${host}\r\n: a`), BAD),
  refused("a header whose name has a space", headed(`${host}\r\nX A: a`), BAD),
  refused("a header whose name is beyond ASCII", headed(`${host}\r\nX-\xe9: a`), BAD),
  refused("headers of 20,000 bytes", headed(`${host}\r\nX-A: ${"a".repeat(20_000)}`), BAD),
  refused("5,000 headers", headed(`${host}\r\n${[...Array(5_000).keys()].map((n) => `X-${n}: a`).join("\r\n")}`), BAD),
  refused("line ends without CR", raw("GET /api/v1/job-types HTTP/1.1\nHost: localhost\nConnection: close\n\n"), BAD),
  refused("a greeting of TLS", raw("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), BAD),
  refused("a preface of HTTP/2", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), BAD),
  refused("a request of HTTP/0.9", raw("GET /\r\n\r\n"), MISDIRECTED),
  refused("a request of HTTP/1.9", headed(host, "GET /api/v1/job-types HTTP/1.9"), BAD),
  refused("no request at all", raw("hello\r\n\r\n"), BAD),
  taken("an expectation that nobody can meet", get("/api/v1/job-types", { expect: "a miracle" }), { status: 200 }),
  refused(
    "an upgrade to something else without its request",
    post("/api/v1/jobs", "[]", { "content-type": "application/json", upgrade: "h2c", connection: "Upgrade, close" }),
    BAD,
  ),
];

/** Where no credential is needed, a session that has ended is none: the browser need not be told. */
const noSession = (name: string, cookie: string) =>
  taken(name, get("/api/v1/session", { cookie }), {
    status: 200,
    holds({ body }) {
      const { name: caller, signedIn } = JSON.parse(body);
      assert.deepEqual([caller, signedIn], ["anonymous", false]);
    },
  });

export const CREDENTIALS: readonly HostileCase[] = [
  refused("a user and a password", get("/api/v1/jobs", { authorization: "Basic YWRtaW46YWRtaW4=" }), UNKNOWN_CALLER),
  refused("a bearer of nothing", get("/api/v1/jobs", { authorization: "Bearer" }), UNKNOWN_CALLER),
  refused("a bearer of a space", get("/api/v1/jobs", { authorization: "Bearer  " }), UNKNOWN_CALLER),
  refused(
    "a token that nobody made",
    get("/api/v1/jobs", { authorization: `Bearer pawl_0123456789ab_${"A".repeat(43)}` }),
    UNKNOWN_CALLER,
  ),
  refused(
    "a token without its secret",
    get("/api/v1/jobs", { authorization: "Bearer pawl_0123456789ab_" }),
    UNKNOWN_CALLER,
  ),
  refused(
    "a token of another program",
    get("/api/v1/jobs", { authorization: "Bearer ghp_0123456789" }),
    UNKNOWN_CALLER,
  ),
  refused(
    "a token with an id that every object has",
    get("/api/v1/jobs", { authorization: "Bearer pawl___proto___x" }),
    UNKNOWN_CALLER,
  ),
  refused(
    "a token by a piece of SQL",
    get("/api/v1/jobs", { authorization: "Bearer pawl_' OR 1=1--_x" }),
    UNKNOWN_CALLER,
  ),
  refused(
    "a token of 10,000 characters",
    get("/api/v1/jobs", { authorization: `Bearer pawl_0123456789ab_${"A".repeat(10_000)}` }),
    UNKNOWN_CALLER,
  ),
  refused("two tokens in one header", get("/api/v1/jobs", { authorization: "Bearer a, Bearer b" }), UNKNOWN_CALLER),
  refused(
    "a token without the word Bearer",
    get("/api/v1/jobs", { authorization: `pawl_0123456789ab_${"A".repeat(43)}` }),
    UNKNOWN_CALLER,
  ),
  refused("a header of credentials that is empty", get("/api/v1/jobs", { authorization: "" }), UNKNOWN_CALLER),
  refused(
    "a change with a token that nobody made",
    post("/api/v1/jobs/{{held}}/cancel", undefined, { authorization: "Bearer pawl_0123456789ab_x" }),
    UNKNOWN_CALLER,
  ),
  refused("a submit with a token that nobody made", submit({}, { authorization: "Bearer x" }), UNKNOWN_CALLER),
  refused(
    "an upload with a token that nobody made",
    post("/api/v1/files", "a", { "content-type": "text/csv", authorization: "Bearer x" }),
    UNKNOWN_CALLER,
  ),
  noSession("a session that nobody began", "pawl_session=abc"),
  noSession("a session that is empty", "pawl_session="),
  noSession("a session of two values", "pawl_session=a; pawl_session=b"),
  noSession("a session in bad encoding", "pawl_session=%zz"),
  noSession("a session by a piece of SQL", "pawl_session=' OR '1'='1"),
  noSession("a session of 10,000 characters", `pawl_session=${"a".repeat(10_000)}`),
  refused(
    "a sign-in with a token that nobody made",
    post("/api/v1/session", { token: `pawl_0123456789ab_${"A".repeat(43)}` }),
    UNKNOWN_CALLER,
  ),
  taken(
    "cookies of others, which mean nothing here",
    get("/api/v1/job-types", { cookie: "a=b; __proto__=c; %00=d; ;;==" }),
    { status: 200 },
  ),
];

const key = (value: string) => submit({}, { "idempotency-key": value });
const download = (headers: Readonly<Record<string, string>>) => get("/api/v1/files/{{file}}", headers);
/** The file of the world. */
const CONTENT = "name,phone\nAda,1\nBob,2\n";
const whole = { status: 200, holds: ({ body }: { readonly body: string }) => assert.equal(body, CONTENT) };

export const KEYS_AND_RANGES: readonly HostileCase[] = [
  refused("an Idempotency-Key that is empty", key(""), BAD),
  refused("an Idempotency-Key of 201 characters", key("k".repeat(201)), BAD),
  refused("an Idempotency-Key with a tab", key("a\tb"), BAD),
  refused("an Idempotency-Key beyond ASCII", key("sch\xf6n"), BAD),
  refused(
    "an Idempotency-Key for a batch, with a tab",
    post("/api/v1/jobs/batch", { jobs: [{ type: "ticker", input: { times: 1 } }] }, { "idempotency-key": "a\tb" }),
    BAD,
  ),
  refused("a range behind the end", download({ range: "bytes=1000-" }), BEYOND),
  refused("a range of the last zero bytes", download({ range: "bytes=-0" }), BEYOND),
  refused("a range whose beginning no number holds", download({ range: `bytes=${"9".repeat(400)}-` }), BEYOND),
  refused(
    "a range of an artifact behind its end",
    get("/api/v1/jobs/{{done}}/artifacts/export.csv", { range: "bytes=99999-" }),
    BEYOND,
  ),
  taken("a range that is no range", download({ range: "nonsense" }), whole),
  taken("a range of another unit", download({ range: "items=0-1" }), whole),
  taken("a range that runs backwards", download({ range: "bytes=5-2" }), whole),
  taken("a range of nothing", download({ range: "bytes=-" }), whole),
  taken(
    "many small ranges, which would make a large reply",
    download({ range: `bytes=${Array(500).fill("0-1").join()}` }),
    whole,
  ),
  taken("a range with a negative beginning", download({ range: "bytes=--5" }), whole),
  taken("a range for a file that was another once", download({ range: "bytes=0-1", "if-range": '"other"' }), whole),
  taken(
    "a range for a time, which no file here has",
    download({ range: "bytes=0-1", "if-range": "Wed, 21 Oct 2015 07:28:00 GMT" }),
    whole,
  ),
  taken("a range for a weak tag", download({ range: "bytes=0-1", "if-range": 'W/"x"' }), whole),
  taken("a range whose end no number holds", download({ range: `bytes=5-${"9".repeat(400)}` }), {
    status: 206,
    holds: ({ body }) => assert.equal(body, CONTENT.slice(5)),
  }),
  taken("a range of more last bytes than there are", download({ range: "bytes=-99999999999999999999" }), {
    status: 206,
    holds: ({ body }) => assert.equal(body, CONTENT),
  }),
];
