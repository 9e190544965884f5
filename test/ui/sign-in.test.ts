// Signing in: the page asks when the server wants a token, buttons follow what the token allows, and what ends is told at once.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import type { IssuedToken, Scope } from "../../src/domain/access.ts";
import { testBrowser } from "../support/browser.ts";
import { live, openPage, type Pawl, pawlFor, rowOf } from "./pawl.ts";

const TIMEOUT_MS = 240_000;

const browser = await testBrowser();

interface Closed {
  readonly pawl: Pawl;
  readonly tokens: Readonly<Record<Scope, IssuedToken>>;
  call(method: string, path: string, body?: object): Promise<Response>;
}

/** A server that wants a token, with a running job. */
async function closedFor(t: TestContext): Promise<Closed> {
  const pawl = await pawlFor(t);
  await pawl.api.submit({ type: "simple", key: "guarded", input: { steps: 1_000_000, stepMs: 20 } });
  const first = await pawl.api.call<IssuedToken>("POST", "/api/v1/tokens", { name: "root", scope: "admin" });
  const call = (method: string, path: string, body?: object) =>
    fetch(pawl.url + path, {
      method,
      headers: { authorization: `Bearer ${first.body.token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const make = async (name: string, scope: Scope) =>
    (await (await call("POST", "/api/v1/tokens", { name, scope })).json()) as IssuedToken;
  return {
    pawl,
    call,
    tokens: { read: await make("rita", "read"), operate: await make("otto", "operate"), admin: first.body },
  };
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const pages = (page: Page) => page.getByRole("navigation", { name: "Pages" }).getByRole("link").allTextContents();

test("a server that wants a token", { skip: browser.skip, timeout: TIMEOUT_MS }, async (t) => {
  const closed = await closedFor(t);
  await t.test("a wrong token is told at its field, and the right one opens the page that was asked for", (t) =>
    wrong(t, closed),
  );
  await t.test("who may only read sees everything and no button that changes it", (t) => reading(t, closed));
  await t.test("an operator steers jobs; queues and tokens are for admins", (t) => operating(t, closed));
  await t.test("a token that is revoked signs its open page out, at once", (t) => revoked(t, closed));
});

async function wrong(t: TestContext, { pawl, tokens }: Closed): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "workers" });
  await page.getByRole("heading", { name: "Sign in to Pawl" }).waitFor();
  // Nothing of the jobs is there before.
  assert.doesNotMatch(await page.content(), /guarded/);
  await signIn(page, "pawl_0123456789abcdef0123456789abcdef");
  const field = page.getByLabel("Token");
  await page
    .getByText(/token/i)
    .filter({ hasText: /not|no valid|unknown/ })
    .first()
    .waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  const told = await page
    .locator(`[id="${(await field.getAttribute("aria-describedby"))?.split(" ").at(-1)}"]`)
    .textContent();
  assert.match(told ?? "", /token/i);
  await signIn(page, ` ${tokens.admin.token} `);
  await page.getByRole("heading", { name: "Workers" }).waitFor();
  // The page holds no token: scripts cannot reach the session.
  assert.equal(await page.evaluate("document.cookie"), "");
  assert.equal(await page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"), "{}{}");
  await page.reload();
  await page.getByRole("heading", { name: "Workers" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Pawl" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in to Pawl" }).waitFor();
}

async function reading(t: TestContext, { pawl, tokens }: Closed): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "jobs" });
  await signIn(page, tokens.read.token);
  const row = rowOf(page, "guarded");
  await row.getByText("running", { exact: true }).waitFor();
  assert.deepEqual(await pages(page), ["Pawl", "Overview", "Jobs", "Queues", "Schedules", "Workers", "Data"]);
  assert.equal(await row.getByRole("button").count(), 0);
  assert.equal(await page.getByRole("checkbox").count(), 0);
  assert.equal(await page.getByRole("link", { name: "New job" }).count(), 0);
  for (const key of ["j", "p", "x", "n"]) await page.keyboard.press(key);
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.goto(`${pawl.url}/ui/queues`);
  await page.getByRole("row", { name: /default/ }).waitFor();
  assert.equal(await page.getByRole("main").getByRole("button").count(), 0);
  await page.goto(`${pawl.url}/ui/audit`);
  await page.getByText("The audit is for admins.").waitFor();
  await page.goto(`${pawl.url}/ui/jobs`);
  // The keys asked for nothing.
  await row.getByText("running", { exact: true }).waitFor();
}

async function operating(t: TestContext, { pawl, tokens }: Closed): Promise<void> {
  const page = await openPage(t, browser, pawl, { path: "jobs" });
  await signIn(page, tokens.operate.token);
  const row = rowOf(page, "guarded");
  await row.getByRole("button", { name: "Pause simple guarded" }).click();
  await row.getByText("paused", { exact: true }).waitFor();
  assert.deepEqual(await pages(page), [
    "Pawl",
    "Overview",
    "Jobs",
    "New job",
    "Queues",
    "Schedules",
    "Workers",
    "Data",
  ]);
  await row.getByRole("button", { name: "Resume simple guarded" }).click();
  await row.getByText("running", { exact: true }).waitFor();
  await page.goto(`${pawl.url}/ui/queues`);
  await page.getByRole("row", { name: /default/ }).waitFor();
  assert.equal(await page.getByRole("main").getByRole("button").count(), 0);
}

async function revoked(t: TestContext, { pawl, tokens, call }: Closed): Promise<void> {
  const page = await openPage(t, browser, pawl);
  await signIn(page, tokens.operate.token);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await live(page);
  const { status } = await call("DELETE", `/api/v1/tokens/${tokens.operate.id}`);
  assert.equal(status, 200);
  await page.getByRole("heading", { name: "Sign in to Pawl" }).waitFor();
  await signIn(page, tokens.read.token);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await live(page);
}

test("a server that wants none: the first token made on the page is shown once, and closes it", {
  skip: browser.skip,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const pawl = await pawlFor(t);
  const page = await openPage(t, browser, pawl, { path: "audit" });
  await page.getByText("No token was made yet: whoever reaches this server may do everything.").waitFor();
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("from then on every caller needs a token. This page signs in with it.").waitFor();
  await dialog.getByLabel("Name").fill("no good <name>");
  await dialog.getByRole("button", { name: "Make the token" }).click();
  await dialog.getByText(/must be 1 to 64 letters/).waitFor();
  await dialog.getByLabel("Name").fill("ada");
  await dialog.getByRole("button", { name: "Make the token" }).click();
  await dialog.getByText("It is shown this once and kept nowhere: copy it now.").waitFor();
  const secret = await dialog.locator("code").textContent();
  assert.match(secret ?? "", /^pawl_/);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("row", { name: /ada/ }).first().waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Pawl" }).waitFor();
  await signIn(page, secret ?? "");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.doesNotMatch(await page.content(), new RegExp(secret ?? "none"));
});
