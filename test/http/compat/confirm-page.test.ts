// The page that asks before a GET changes something: what it says, that nothing of the request is more than text in it,
// and that its button does what it says.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { compatServerFor } from "./support.ts";

const TYPED = { host: "localhost", "sec-fetch-site": "none", "sec-fetch-mode": "navigate" };
const JOB = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";

/** Each with what its page has to say. */
const PAGES: Readonly<Record<string, readonly [heading: string, job: string, button: string]>> = {
  "/start?id=nightly": ["Start a job", "nightly", "Start it"],
  "/stop?id=nightly": ["Stop a job", "nightly", "Stop it"],
  "/updateTask?id=a-1&action=start": ["Start a job", "a-1", "Start it"],
  "/updateTask?id=a-1&action=stop": ["Stop a job", "a-1", "Stop it"],
  "/updateTask?id=a-1&action=terminate": ["Terminate a job", "a-1", "Terminate it"],
  [`/halt/${JOB}`]: ["Halt a job", JOB, "Halt it"],
  [`/resume/${JOB}`]: ["Resume a job", JOB, "Resume it"],
  [`/stop/${JOB}`]: ["Stop a job", JOB, "Stop it"],
};

const TAGS =
  "!doctype html head meta meta meta title /title style /style /head body main h1 /h1 p bdi /bdi /p p /p form button /button /form p /p /main /body /html";

/** The names of all tags, in order. */
const tagsOf = (html: string) =>
  [...html.matchAll(/<([!/]?\w+)/g)].map(([, name = ""]) => name.toLowerCase()).join(" ");
const textOf = (html: string, tag: string) => new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`).exec(html)?.[1];

test("the page says what will happen to which job, and does none of it", async (t) => {
  const { server, manager } = await compatServerFor(t);
  for (const [url, [heading, job, button]] of Object.entries(PAGES)) {
    const { statusCode, body } = await server.app.inject({ url, headers: TYPED });
    assert.equal(statusCode, 200);
    assert.equal(tagsOf(body), TAGS);
    assert.match(body, /^<!doctype html>\n<html lang="en">/);
    assert.deepEqual(
      [textOf(body, "title"), textOf(body, "h1"), textOf(body, "bdi"), textOf(body, "button")],
      [`${heading} · Pawl`, heading, job, button],
    );
    assert.match(body, /<form method="post"><button type="submit" class="\w+">/, "it goes to the address of the page");
    assert.equal(
      body.includes('class="calm"'),
      /^(Start|Resume)/.test(button),
      "only what ends nothing looks harmless",
    );
  }
  assert.deepEqual((await manager.list()).items, []);
});

test("the page tells nothing of jobs, whoever asks: it is the same for one that there is", async (t) => {
  const { server, manager } = await compatServerFor(t, { server: { auth: "on" } });
  const job = await manager.submit({ type: "simple", input: {}, availableAt: "2999-01-01T00:00:00Z" });
  const there = await server.app.inject({ url: `/stop/${job.id}`, headers: TYPED });
  const nowhere = await server.app.inject({ url: `/stop/${JOB}`, headers: TYPED });
  assert.equal(there.statusCode, 200);
  assert.equal(there.body.replaceAll(job.id, JOB), nowhere.body);
});

test("who is not signed in where that is needed is told so before the click, and how to sign in", async (t) => {
  const { server, manager } = await compatServerFor(t, { server: { auth: "on" } });
  const pageFor = (headers: Readonly<Record<string, string>>) =>
    server.app.inject({ url: "/stop?id=a", headers: { ...TYPED, ...headers } });
  const stranger = await pageFor({});
  assert.match(stranger.body, /You are not signed in\..*<a href="\/docs#[^"]+">POST \/api\/v1\/session<\/a>/);
  assert.equal(tagsOf(stranger.body), TAGS.replace("form", "p strong /strong a /a /p form"));
  const { token } = await manager.access.createToken({ name: "ada", scope: "operate" });
  const signedIn = await manager.access.signIn(token);
  const known = await pageFor({ cookie: `pawl_session=${signedIn?.session}` });
  assert.deepEqual([known.statusCode, tagsOf(known.body)], [200, TAGS]);
});

test("nothing can run in the page, frame it or send its form elsewhere", async (t) => {
  const { server } = await compatServerFor(t);
  const { headers, body } = await server.app.inject({ url: "/stop?id=a", headers: TYPED });
  const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? "";
  const digest = createHash("sha256").update(style).digest("base64");
  assert.deepEqual(String(headers["content-security-policy"]).split(";"), [
    "default-src 'none'",
    `style-src 'sha256-${digest}'`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]);
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["referrer-policy"], "same-origin", "with no-referrer the button would come from nowhere");
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["content-type"], "text/html; charset=utf-8");
  assert.equal(headers.link, '</api/v1/jobs>; rel="successor-version"');
  assert.doesNotMatch(body, /<script|\son\w+=|javascript:|https?:|<a /i);
});

test("an id is text and nothing else", async (t) => {
  const { server } = await compatServerFor(t);
  const hostile: Readonly<Record<string, string>> = {
    "<script>alert(1)</script>": "&lt;script&gt;alert(1)&lt;/script&gt;",
    '"><img src=x onerror=alert(1)>': "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;",
    "' onmouseover='alert(1)": "&#39; onmouseover=&#39;alert(1)",
    "</bdi></main><form action=//evil.com>": "&lt;/bdi&gt;&lt;/main&gt;&lt;form action=//evil.com&gt;",
    "&lt;b&gt;&amp;": "&amp;lt;b&amp;gt;&amp;amp;",
    "<!--": "&lt;!--",
    "$& $1 $`": "$&amp; $1 $`",
    "{{7*7}}": "{{7*7}}",
    "a\u0000b\u001b[2Jc\r\nd": "a\ufffdb\ufffd[2Jc\ufffd\ufffdd",
    "\u202egnp.exe\u2066\u200b\ufeff": "\ufffdgnp.exe\ufffd\ufffd\ufffd",
    ["x".repeat(199)]: "x".repeat(199),
    "Grüße 👋": "Grüße 👋",
  };
  for (const [id, shown] of Object.entries(hostile)) {
    const sent = encodeURIComponent(id);
    const urls = [`/updateTask?id=${sent}&action=stop`, `/halt/${sent}`, `/resume/${sent}`, `/stop/${sent}`];
    for (const url of urls) {
      const { statusCode, body } = await server.app.inject({ url, headers: TYPED });
      assert.equal(statusCode, 200, url);
      assert.equal(textOf(body, "bdi"), shown, url);
      assert.equal(tagsOf(body), TAGS, url);
    }
  }
  const long = await server.app.inject({ url: `/stop/${"y".repeat(900)}`, headers: TYPED });
  assert.equal(textOf(long.body, "bdi"), `${"y".repeat(200)}…`);
  const broken = await server.app.inject({ url: "/stop/%ED%A0%80", headers: TYPED });
  assert.equal(broken.statusCode, 400, "half a character is no address");
});

test("a page is not shown for what could not be asked", async (t) => {
  const { server } = await compatServerFor(t);
  for (const url of [
    "/start",
    "/start?id=%3Cscript%3E",
    "/stop?id=a&id=b",
    "/updateTask?id=a",
    "/updateTask?id=a&action=%3Cscript%3E",
    "/updateTask?action=stop",
  ]) {
    const { statusCode, headers, body } = await server.app.inject({ url, headers: TYPED });
    assert.equal(statusCode, 400, url);
    assert.doesNotMatch(String(headers["content-type"]), /html/);
    assert.doesNotMatch(body, /script/);
  }
});

test("its button is a POST to the same address, which does what the page says", async (t) => {
  const { url, call, manager } = await compatServerFor(t);
  const page = await call("GET", "/start?id=a", undefined, TYPED_BY_FETCH);
  assert.match(String(page.body), /<form method="post">/);
  assert.deepEqual((await manager.list()).items, []);
  const pressed = {
    origin: url,
    referer: `${url}/start?id=a`,
    "content-type": "application/x-www-form-urlencoded",
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "navigate",
    "upgrade-insecure-requests": "1",
  };
  const answer = await call("POST", "/start?id=a", "", pressed);
  assert.deepEqual([answer.status, answer.body], [200, "Job id: a has been started"]);
  const foreign = await call("POST", "/stop?id=a", "", { ...pressed, origin: "http://evil.com" });
  assert.equal(foreign.status, 403);
  assert.equal((await manager.list()).items[0]?.control, null);
});

/** What fetch lets a test say of itself. */
const TYPED_BY_FETCH = { "sec-fetch-site": "none" };

test("what was only asked is no change in the audit, and what was done is one", async (t) => {
  const { server, manager } = await compatServerFor(t);
  await server.app.inject({ url: "/start?id=a", headers: TYPED });
  await server.app.inject({ url: "/start?id=a", headers: { host: "localhost" } });
  await server.app.inject({ url: "/start?id=%00", headers: { host: "localhost" } });
  const { items } = await manager.access.audit();
  const [job] = (await manager.list()).items;
  assert.deepEqual(
    items.map(({ action, outcome, target, code }) => [action, outcome, target, code]),
    [
      ["earlier1Start", "refused", null, "invalid_request"],
      ["earlier1Start", "done", job?.id, null],
    ],
  );
});

test("what an earlier API refuses in its own words is in the audit with its reason and its job", async (t) => {
  const { call, manager, until } = await compatServerFor(t);
  const { id } = await manager.submit({ type: "reverse-text", input: { text: "text" } });
  await until(id, "succeeded");
  await call("POST", `/jobs/${id}/cancel`);
  await call("POST", `/halt/${JOB}`);
  const { items } = await manager.access.audit();
  assert.deepEqual(
    items.map(({ action, target, code }) => [action, target, code]),
    [
      ["earlier3HaltByPost", JOB, "job_not_found"],
      ["earlier4CancelJob", id, "action_not_allowed"],
    ],
  );
});
