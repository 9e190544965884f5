// The client in a real Chromium, in a page of the server: it signs in, submits, uploads with progress, follows and signs out,
// with the session's cookie alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import type * as Pawl from "../../src/client/index.ts";
import { serverFor } from "../http/support.ts";
import { testBrowser } from "../support/browser.ts";
import { bundleClient } from "../support/client-bundle.ts";

const browser = await testBrowser();

/** What the page does. It runs in the browser, and knows nothing of this file. */
async function walk({ url, token }: { readonly url: string; readonly token: string }) {
  const { createClient, PawlError }: typeof Pawl = await import(`${url}/client.js`);
  const client = createClient({ url });
  const refusal = async (call: () => Promise<unknown>) =>
    call().then(
      () => "answered",
      (error) => (error instanceof PawlError ? error.code : String(error)),
    );
  const before = await refusal(() => client.list());
  const session = await client.access.signIn(token);
  const progress: number[] = [];
  const text = "id,name\n".repeat(500_000);
  const file = await client.files.upload(new File([text], "contacts.csv", { type: "text/csv" }), {
    onProgress: ({ sent, total }) => void progress.push(sent / total),
  });
  const tooLarge = await refusal(() => client.files.upload(new Blob([text, text]), { onProgress: () => {} }));
  const given = AbortSignal.abort(new Error("given up"));
  const givenUp = await refusal(() => client.files.upload(new Blob([text]), { onProgress: () => {}, signal: given }));
  const job = await client.submit({ type: "scribe", input: { lines: 3, file: "out.csv" } });
  const told: string[] = [];
  for await (const event of client.follow(job.id)) {
    if (event.kind === "log") told.push(...event.lines.map(({ message }) => message));
    if (event.kind === "job" && event.job.state === "succeeded") told.push("succeeded");
  }
  const artifact = await (await client.downloadArtifact(job.id, "out.csv")).text();
  const link = await (await fetch(client.artifactUrl(job.id, "out.csv"))).text();
  const stop = new AbortController();
  let resync = false;
  for await (const event of client.followAll({}, { signal: stop.signal })) {
    resync = event.kind === "resync";
    break;
  }
  await client.access.signOut();
  const after = await refusal(() => client.list());
  const uploads = {
    name: file.name,
    size: file.size,
    tooLarge,
    givenUp,
    last: progress.at(-1),
    steps: progress.length,
  };
  return { before, who: session.name, uploads, told, artifact, link, resync, after };
}

test("a page signs in, uploads, submits, follows and signs out", {
  skip: browser.skip,
  timeout: 120_000,
}, async (t) => {
  const { url, tokens } = await serverFor(t, { maxUploadBytes: 5_000_000 });
  const { token } = await tokens.create("operate", { name: "ada" });
  const { code } = await bundleClient();
  const page = await (await browser.contextFor(t)).newPage();
  await page.route("**/walk", (route) => route.fulfill({ contentType: "text/html", body: "<title>walk</title>" }));
  await page.route("**/client.js", (route) => route.fulfill({ contentType: "text/javascript", body: code }));
  await page.goto(`${url}/walk`);
  const { uploads, ...walked } = await page.evaluate(walk, { url, token });
  assert.deepEqual(walked, {
    before: "unauthenticated",
    who: "ada",
    told: ["line 1", "line 2", "line 3", "succeeded"],
    artifact: "a,b\n1,2\n",
    link: "a,b\n1,2\n",
    resync: true,
    after: "unauthenticated",
  });
  const { steps, ...upload } = uploads;
  assert.deepEqual(upload, {
    name: "contacts.csv",
    size: 4_000_000,
    tooLarge: "payload_too_large",
    givenUp: "Error: given up",
    last: 1,
  });
  assert.ok(steps > 0);
});
