// A real Chromium, and hostile pages in it: on another port of the same host, under another name, under a name that was
// rebound to this server. None of them stops, starts or reads anything, whether or not the visitor is signed in here.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { testBrowser } from "../support/browser.ts";
import { waitFor } from "../support/wait-for.ts";
import { startAttacker } from "./attacker.ts";
import { type Arrival, startVictim, type Victim } from "./victim.ts";

/** Only ends a run that waits for what never comes. */
const TIMEOUT_MS = 600_000;

const browser = await testBrowser({ loopbackNames: ["attacker.test", "evil.test", "pawl.test"] });

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

/** A place that attacks come from. */
interface Site {
  /** The page. */
  readonly page: string;
  /** How it addresses the server. */
  readonly target: string;
  /** What a browser does not even send from there. */
  readonly cannot?: readonly string[];
  /** Only these are tried. Default: all. */
  readonly kinds?: readonly Way["kind"][];
  /** What the visitor's browser has of this server. */
  readonly cookies?: Cookies;
}

interface Way {
  readonly kind: keyof typeof METHODS;
  readonly name: string;
}

/** What arrives. A name that was rebound is no other origin, so that the browser does not ask first. */
const METHODS = { GET: ["GET"], POST: ["POST"], ASKED: ["OPTIONS", "POST", "DELETE"] } as const;

/** These leave their page, open another one or spoil it for others: each gets a page of its own. */
const ALONE: readonly string[] = [
  "preload",
  "prerender",
  "speculativePrefetch",
  "navigation",
  "newWindow",
  "windowWithoutReferrer",
  "redirectedWindow",
  "form",
];
/** These cost a document for each path. */
const FRAMED = [
  "object",
  "embed",
  "frame",
  "sandboxedFrame",
  "anonymousFrame",
  "refresh",
  "getForm",
  "plainForm",
  "multipartForm",
  "framedForm",
  "sandboxedForm",
  "redirectedForm",
];

/** Not sent where the other side is another site, or not this machine by its own name. */
const AHEAD = ["prerender", "speculativePrefetch"];
/** Only pages of this machine, or that came over https, have service workers. */
const BY_WORKER = ["getServiceWorker", "serviceWorker"];
/** A site that was rebound has nothing left of its own. */
const BY_REDIRECT = ["redirect", "redirectedWindow", "redirectedForm"];

/** What a person could have meant. */
const NAVIGATIONS = [
  "object",
  "embed",
  "frame",
  "sandboxedFrame",
  "anonymousFrame",
  "navigation",
  "newWindow",
  "windowWithoutReferrer",
  "refresh",
  "getForm",
  "redirectedWindow",
];

interface Attempt {
  readonly way: string;
  readonly arrival: Arrival;
}

/** Attacks in every way there is. Answers what arrived, once it is certain that nothing came of it. */
async function attackFrom(t: TestContext, victim: Victim, site: Site): Promise<readonly Attempt[]> {
  const shared = await openPage(t, site);
  const before = await victim.trace();
  const attempts: Attempt[] = [];
  for (const [turn, way] of (await waysOf(shared)).entries()) {
    if (site.cannot?.includes(way.name) || site.kinds?.includes(way.kind) === false) continue;
    const all = victim.paths[way.kind === "GET" ? "GET" : "POST"];
    const alone = ALONE.includes(way.name);
    // One path is enough then, another one each time.
    const paths = alone || FRAMED.includes(way.name) ? [all[turn % all.length] ?? ""] : all;
    const page = alone ? await openPage(t, site) : shared;
    victim.listen();
    await attack(
      page,
      way,
      paths.map((path) => site.target + path),
    );
    const arrivals = await victim.arrived(METHODS[way.kind], paths);
    attempts.push(...arrivals.map((arrival) => ({ way: way.name, arrival })));
    if (alone) await page.context().close();
    assert.deepEqual(await victim.trace(), before, `${way.name} from ${site.page}`);
  }
  return attempts;
}

async function openPage(t: TestContext, { page: url, cookies = [] }: Site): Promise<Page> {
  const context = await browser.contextFor(t);
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function waysOf(page: Page): Promise<readonly Way[]> {
  return await page.evaluate(
    "Object.entries(attacks).flatMap(([kind, ways]) => Object.keys(ways).map((name) => ({ kind, name })))",
  );
}

async function attack(page: Page, { kind, name }: Way, urls: readonly string[]): Promise<void> {
  // From a timer: some ways take the page away under the call.
  await page.evaluate(`setTimeout(() => { for (const url of ${JSON.stringify(urls)}) attacks.${kind}.${name}(url); })`);
}

const statusesOf = (attempts: readonly Attempt[]) => [...new Set(attempts.map(({ arrival }) => arrival.status))].sort();

/** What the page of `site` reads at `url`, by each way there is; `null`: nothing. */
async function readFrom(t: TestContext, site: Site, url: string): Promise<Readonly<Record<string, string | null>>> {
  const page = await openPage(t, site);
  const read = `async ([name, way]) => [name, await way(${JSON.stringify(url)}).catch(() => null)]`;
  return await page.evaluate(`Promise.all(Object.entries(readings).map(${read})).then(Object.fromEntries)`);
}

/** A ticker of its own, started by the canonical API's client. */
async function startTicker({ pawl }: Victim, key: string) {
  const { id } = await pawl.manager.submit({ type: "ticker", input: {}, key });
  await pawl.until(id, "running");
  return id;
}

interface OwnPage {
  readonly page: Page;
  /** What its Content-Security-Policy refused. */
  readonly refused: readonly string[];
  /** Where it loaded something from. */
  readonly origins: ReadonlySet<string>;
}

/** Opens a page of the server itself, by its address, as a person does. */
async function openOwn(t: TestContext, url: string, cookies: Cookies = []): Promise<OwnPage> {
  const context = await browser.contextFor(t);
  await context.addCookies(cookies);
  const page = await context.newPage();
  const refused: string[] = [];
  const origins = new Set<string>();
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) refused.push(message.text());
  });
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, refused, origins };
}

const STOPPING = ["cancelling", "cancelled"];

test("no page of another site changes or reads anything", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const victim = await startVictim(t);
  const attacker = await startAttacker(t);
  const rebound = await startAttacker(t, { reboundTo: victim.port });
  const { manager } = victim.pawl;
  const stateOf = async (id: string) => (await manager.get(id))?.state ?? "";
  const neighbour: Site = { page: `http://127.0.0.1:${attacker}/attack`, target: victim.pawl.url };
  const stranger = { ...neighbour, page: `http://attacker.test:${attacker}/attack`, cannot: [...AHEAD, ...BY_WORKER] };

  await t.test("not from another port of the same host", async (t) => {
    assert.deepEqual(statusesOf(await attackFrom(t, victim, neighbour)), [403, 405]);
  });

  await t.test("not from another name", async (t) => {
    assert.deepEqual(statusesOf(await attackFrom(t, victim, stranger)), [403, 405]);
  });

  await t.test("not under a name that was rebound to this server", async (t) => {
    const page = `http://evil.test:${rebound}/attack`;
    const site = { page, target: new URL(page).origin, cannot: [...AHEAD, ...BY_WORKER, ...BY_REDIRECT] };
    assert.deepEqual(statusesOf(await attackFrom(t, victim, site)), [421]);
  });

  await t.test("not where browsers do not say which site asks: plain http, by a name", async (t) => {
    // A POST tells its origin everywhere.
    const site: Site = { ...neighbour, target: `http://pawl.test:${victim.port}`, cannot: AHEAD, kinds: ["GET"] };
    const attempts = await attackFrom(t, victim, site);
    assert.ok(attempts.every(({ arrival }) => arrival.headers["sec-fetch-site"] === undefined));
    // Those are pages that ask first, and no frame shows them.
    const asked = attempts.filter(({ arrival }) => arrival.status === 200).map(({ way }) => way);
    assert.deepEqual(asked, NAVIGATIONS);
    const page = await openPage(t, site);
    await page.evaluate(`attacks.GET.frame(${JSON.stringify(`${site.target}/stop?id=tick`)})`);
    await waitFor(async () => page.frames()[1]?.url() === "chrome-error://chromewebdata/", { what: "an empty frame" });
  });

  await t.test("and nothing is read: not the jobs, not the page that asks", async (t) => {
    const own = await readFrom(t, neighbour, neighbour.page);
    assert.deepEqual(
      Object.entries(own).filter(([, text]) => text === null),
      [],
      "these ways do read what may be read",
    );
    const nothing = Object.fromEntries(Object.keys(own).map((way) => [way, null]));
    for (const path of ["/api/v1/jobs", "/stop?id=tick"]) {
      for (const site of [neighbour, stranger]) {
        assert.deepEqual(await readFrom(t, site, victim.pawl.url + path), nothing, `${path} from ${site.page}`);
      }
    }
  });

  const docs = await openOwn(t, `${victim.pawl.url}/docs`);

  await t.test("while a typed address asks first, and its button stops the job", async (t) => {
    const id = await startTicker(victim, "typed");
    const { page, refused, origins } = await openOwn(t, `${victim.pawl.url}/stop?id=typed`);
    assert.equal(await stateOf(id), "running");
    await page.getByRole("button", { name: "Stop it" }).click();
    await page.getByText("Job id: typed has been canceled").waitFor();
    assert.ok(STOPPING.includes(await stateOf(id)));
    assert.deepEqual({ refused, origins }, { refused: [], origins: new Set([victim.pawl.url]) });
  });

  await t.test("and a page of the server itself stops a job by GET and by POST", async () => {
    const byGet = await startTicker(victim, "by-get");
    await docs.page.evaluate('fetch("/stop?id=by-get")');
    assert.ok(STOPPING.includes(await stateOf(byGet)));
    const byPost = await startTicker(victim, "by-post");
    await docs.page.evaluate(`fetch("/api/v1/jobs/${byPost}/cancel", { method: "POST" })`);
    assert.ok(STOPPING.includes(await stateOf(byPost)));
  });

  await t.test("the documentation loads nothing that its own policy refuses, and nothing from elsewhere", async () => {
    const { page, refused, origins } = docs;
    await page.getByText("Submit a job").first().waitFor();
    assert.deepEqual({ refused, origins }, { refused: [], origins: new Set([victim.pawl.url]) });
    await page.evaluate('document.body.append(Object.assign(document.createElement("script"), { text: "1" }))');
    await waitFor(async () => refused.length === 1, { what: "a script of nobody's to be refused" });
  });

  await t.test("not in the name of a visitor who is signed in", async (t) => {
    const { token } = await manager.access.createToken({ name: "ada", scope: "admin" });
    const signIn = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) };
    const status = `fetch("/api/v1/session", ${JSON.stringify(signIn)}).then(({ status }) => status)`;
    assert.equal(await docs.page.evaluate(status), 201);
    const cookies = await docs.page.context().cookies();

    await t.test("whose cookie the browser sends along from the same site", async (t) => {
      const attempts = await attackFrom(t, victim, { ...neighbour, cookies });
      assert.deepEqual(statusesOf(attempts), [403, 405]);
      const withCookie = attempts.filter(({ arrival }) => arrival.headers.cookie?.includes("pawl_session"));
      assert.ok(new Set(withCookie.map(({ way }) => way)).size > 30);
    });

    await t.test("and that visitor stops a job, by a typed address or from a page of the server", async (t) => {
      const typed = await startTicker(victim, "typed-by-ada");
      const { page } = await openOwn(t, `${victim.pawl.url}/stop?id=typed-by-ada`, cookies);
      assert.equal(await stateOf(typed), "running");
      await page.getByRole("button", { name: "Stop it" }).click();
      await page.getByText("Job id: typed-by-ada has been canceled").waitFor();
      const fetched = await startTicker(victim, "fetched-by-ada");
      await docs.page.evaluate('fetch("/stop?id=fetched-by-ada")');
      for (const id of [typed, fetched]) {
        const cancels = (await manager.history(id)).filter(({ kind }) => kind === "cancel");
        assert.deepEqual(
          cancels.map(({ actor }) => actor),
          ["ada"],
        );
      }
    });
  });
});
