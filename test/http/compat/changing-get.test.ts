// GETs that change something: every row of the decision table on every such route, on servers of every standing. What is
// answered has to fit, and so has what became of the job.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { OPERATIONS } from "../../../src/api/operations.ts";
import type { HttpServerOptions } from "../../../src/http/index.ts";
import { ROUTES, ROWS, type Shown, STANDINGS, type Standing } from "./changing-get-cases.ts";
import { compatServerFor } from "./support.ts";

const SERVERS: Readonly<Record<Standing, Partial<HttpServerOptions>>> = {
  fresh: {},
  open: { auth: "off" },
  closed: { auth: "on" },
  exposed: { auth: "off" },
};

test("every GET that changes something is in the table", () => {
  const changing = OPERATIONS.filter(({ changes }) => changes).map(({ method, path }) => `${method} ${path}`);
  const routes = ROUTES.map(({ path }) => `GET ${path.replace(/:(\w+)/, "{$1}")}`);
  assert.deepEqual(changing.sort(), routes.sort());
});

for (const standing of STANDINGS) {
  test(`each row of the table holds for each route of a server that is ${standing}`, async (t) => {
    const { manager, send, shows } = await start(t, standing);
    let count = 0;
    for (const row of ROWS) {
      const { name, method = "GET", shown = "none", query, headers } = row;
      const credential = shows[shown];
      if (!credential) continue;
      for (const route of ROUTES) {
        count += 1;
        const armed = await route.arm(manager, `k${count}`);
        const url = query === undefined ? armed.url : `${armed.url}${armed.url.includes("?") ? "&" : "?"}${query}`;
        const outcome = typeof row.outcome === "object" ? row.outcome[standing] : row.outcome;
        const reply = await send({ method, url, headers: { host: "localhost", ...headers, ...credential } });
        const label = `${name}: ${method} ${route.path}, ${standing}`;
        assert.equal(reply.statusCode, typeof outcome === "number" ? outcome : 200, `${label}: ${reply.body}`);
        assert.equal(String(reply.headers["content-type"]).startsWith("text/html"), outcome === "asks", label);
        assert.equal(await armed.changed(), outcome === "acts", label);
        assert.equal(reply.headers["cache-control"], "no-store", label);
        if (method !== "HEAD") assert.match(String(reply.headers.link), /; rel="successor-version"$/, label);
      }
    }
    assert.ok(count >= 11 * ROUTES.length);
  });
}

type Headers = Readonly<Record<string, string>>;

/** A server, and what shows each credential there; what a server cannot have is left out. */
async function start(t: TestContext, standing: Standing) {
  const pawl = await compatServerFor(t, { server: SERVERS[standing] });
  const { manager } = pawl;
  // Nothing has to listen beyond this machine to see what would be answered there.
  const server = standing === "exposed" ? pawl.another({ ...SERVERS[standing], host: "0.0.0.0" }) : pawl.server;
  const send = (request: { method: "GET" | "HEAD" | "POST"; url: string; headers: Headers }) =>
    server.app.inject(request);
  const none: Partial<Record<Shown, Headers>> = {
    none: {},
    "wrong token": { authorization: `Bearer pawl_0123456789ab_${"x".repeat(43)}` },
    "ended session": { cookie: "pawl_session=ended" },
  };
  if (standing === "fresh") return { manager, send, shows: none };
  const made = async (scope: "operate" | "read") => {
    const { token } = await manager.access.createToken({ name: scope, scope });
    const session = (await manager.access.signIn(token))?.session;
    return { header: { authorization: `Bearer ${token}` }, cookie: { cookie: `pawl_session=${session}` } };
  };
  const operate = await made("operate");
  const read = await made("read");
  const shows: Partial<Record<Shown, Headers>> = {
    ...none,
    token: operate.header,
    session: operate.cookie,
    "reading token": read.header,
    "reading session": read.cookie,
  };
  return { manager, send, shows };
}
