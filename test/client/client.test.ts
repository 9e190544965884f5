// What a client offers beyond the job control, and that it answers what the manager answers.
import assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { createClient, PawlError } from "../../src/client/index.ts";
import { serverFor } from "../http/support.ts";
import { openHttpProxy } from "../support/http-proxy.ts";
import { tempFolder } from "../support/temp-folder.ts";

const LATER = "2100-01-01T00:00:00.000Z";
const code = (wanted: string) => (error: unknown) => error instanceof PawlError && error.code === wanted;

test("a client answers what the manager answers", async (t) => {
  const { url, manager } = await serverFor(t);
  // A slash at the end of the address is none of its paths.
  const client = createClient({ url: `${url}/` });
  const { id } = await client.submit({
    type: "scribe",
    input: { lines: 3, file: "f.csv" },
    queue: "q",
    labels: { a: "b" },
  });
  await client.waitUntil(id, "final");
  await client.schedules.create({ name: "s", cron: "0 3 * * *", type: "echo", input: { a: 1 }, paused: true });
  assert.deepEqual(await client.get(id), await manager.get(id));
  assert.deepEqual(await client.list(), await manager.list());
  assert.deepEqual(await client.history(id), await manager.history(id));
  assert.deepEqual(await client.logs(id), await manager.logs(id));
  assert.deepEqual(await client.artifacts(id), await manager.artifacts(id));
  assert.deepEqual(await client.jobTypes(), manager.jobTypes());
  assert.deepEqual(await client.queues.list(), await manager.queues.list());
  assert.deepEqual(await client.schedules.list(), await manager.schedules.list());
  assert.deepEqual((await client.stats()).states, (await manager.stats()).states);
  assert.deepEqual(
    (await client.workers()).map((worker) => worker.id),
    (await manager.workers()).map((worker) => worker.id),
  );
  assert.deepEqual(await client.access.audit(), await manager.access.audit());
});

test("queues are paused, limited and resumed", async (t) => {
  const { url } = await serverFor(t);
  const { queues, submit, waitUntil } = createClient({ url });
  const name = "imports / ä?";
  assert.equal((await queues.pause(name, { reason: "partner is down" })).paused?.reason, "partner is down");
  const { id } = await submit({ type: "echo", input: {}, queue: name });
  assert.equal((await queues.edit(name, { concurrency: 2, rateLimit: { max: 5, perMs: 1_000 } })).concurrency, 2);
  assert.equal((await queues.edit(name, { concurrency: null })).concurrency, null);
  assert.deepEqual(
    (await queues.list()).map((queue) => [queue.name, queue.waiting, queue.rateLimit?.max]),
    [[name, 1, 5]],
  );
  assert.equal((await queues.resume(name)).paused, null);
  assert.equal((await waitUntil(id, "final")).state, "succeeded");
});

test("schedules are made, changed and deleted", async (t) => {
  const { url } = await serverFor(t);
  const { schedules } = createClient({ url });
  const made = await schedules.create({ name: "nightly", cron: "0 3 * * *", type: "echo", input: {} });
  assert.equal(made.upcoming.length, 5);
  await assert.rejects(
    schedules.create({ name: "nightly", cron: "* * * * *", type: "echo", input: {} }),
    code("name_taken"),
  );
  await assert.rejects(
    schedules.create({ name: "x", cron: "often", type: "echo", input: {} }),
    code("invalid_request"),
  );
  await assert.rejects(
    schedules.create({ name: "x", cron: "* * * * *", type: "echo", input: new Date(0) }),
    code("invalid_input"),
  );
  const edited = await schedules.edit("nightly", { paused: true, input: { a: 1 } });
  assert.deepEqual([edited.paused, edited.input, edited.cron], [true, { a: 1 }, "0 3 * * *"]);
  assert.deepEqual(await schedules.get("nightly"), edited);
  await schedules.remove("nightly");
  await assert.rejects(schedules.get("nightly"), code("not_found"));
  await assert.rejects(schedules.get(".."), code("not_found"));
});

test("a file goes in with its progress, a job reads it, and files come out as streams", async (t) => {
  const { url } = await serverFor(t);
  const client = createClient({ url });
  const file = path.join(await tempFolder(t), "contacts.csv");
  const text = "id,name\n".repeat(200_000);
  await writeFile(file, text);
  const progress: number[] = [];
  const stored = await client.files.upload(await openAsBlob(file, { type: "text/csv" }), {
    name: "größe & contacts.csv",
    onProgress: ({ sent, total }) => {
      assert.equal(total, text.length);
      progress.push(sent);
    },
  });
  assert.deepEqual([stored.name, stored.size, stored.mediaType], ["größe & contacts.csv", text.length, "text/csv"]);
  assert.ok(progress.length > 1);
  assert.deepEqual(
    progress,
    progress.toSorted((one, other) => one - other),
  );
  assert.equal(progress.at(-1), text.length);
  const named = await client.files.upload(new File(["abc"], "small.txt"));
  assert.deepEqual([named.name, named.size], ["small.txt", 3]);

  const reply = await client.files.download(stored.id);
  assert.equal(await reply.text(), text);
  assert.equal(await (await fetch(client.files.url(named.id))).text(), "abc");
  await assert.rejects(client.files.download("019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f"), code("not_found"));

  const { id } = await client.submit({ type: "swallow", input: { file: named.id, dataset: "d" } });
  assert.deepEqual((await client.waitUntil(id, "final")).output, { name: "small.txt", text: "abc" });
  const scribe = await client.submit({ type: "scribe", input: { lines: 1, file: "a b%.csv" } });
  await client.waitUntil(scribe.id, "final");
  assert.equal(await (await client.downloadArtifact(scribe.id, "a b%.csv")).text(), "a,b\n1,2\n");
  assert.equal(await (await fetch(client.artifactUrl(scribe.id, "a b%.csv"))).text(), "a,b\n1,2\n");
  await assert.rejects(client.downloadArtifact(scribe.id, "other.csv"), code("not_found"));
});

test("an upload that is too large is refused, and one that is given up is gone", async (t) => {
  const { url } = await serverFor(t, { maxUploadBytes: 1_000 });
  const { files } = createClient({ url });
  await assert.rejects(files.upload(new Blob(["x".repeat(1_001)])), code("payload_too_large"));
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(files.upload(new Blob(["x"]), { signal }), (error) => error === reason);
});

test("who calls is whom the token names, whatever the caller says, and may do what its scope allows", async (t) => {
  const { url, tokens, manager } = await serverFor(t);
  const admin = await tokens.create("admin", { name: "root" });
  const root = createClient({ url, token: admin.token });
  const { token, id: tokenId } = await root.access.createToken({ name: "ada", scope: "operate" });
  const ada = createClient({ url, token });
  assert.deepEqual(await ada.access.session(), { name: "ada", scope: "operate", signedIn: true, expiresAt: null });
  const job = await ada.submit({ type: "echo", input: {}, availableAt: LATER }, { actor: "somebody else" });
  await ada.pause(job.id, { actor: "somebody else" });
  assert.deepEqual(
    (await manager.history(job.id)).map((entry) => entry.actor),
    ["ada", "ada"],
  );
  await assert.rejects(ada.access.tokens(), code("forbidden"));
  await assert.rejects(ada.remove(job.id), code("forbidden"));
  await assert.rejects(createClient({ url }).list(), code("unauthenticated"));
  assert.deepEqual(
    (await root.access.audit({ actor: "ada", outcome: "refused" })).items.map((entry) => entry.action),
    ["removeJob", "listTokens"],
  );
  const revoked = await root.access.revokeToken(tokenId);
  assert.notEqual(revoked.revokedAt, null);
  await assert.rejects(ada.list(), code("unauthenticated"));
  assert.deepEqual(
    (await root.access.tokens()).map((known) => known.name),
    ["ada", "root"],
  );
});

test("what cannot be said over HTTP is refused, and not left out", async (t) => {
  const { url } = await serverFor(t);
  const client = createClient({ url });
  const { id } = await client.submit({ type: "echo", input: {}, availableAt: LATER });
  await assert.rejects(client.cancel(id, { phase: "forward" }), code("invalid_request"));
  await assert.rejects(client.submit({ type: "echo", input: {} }, { digest: "d" }), code("invalid_request"));
  await assert.rejects(client.submit({ type: "echo", input: {} }, { idempotencyKey: "ключ" }), code("invalid_request"));
  await assert.rejects(client.list({ queue: ["a,b"] }), code("invalid_request"));
  assert.equal((await client.get(id))?.state, "queued");
});

test("a wait goes on after the server was away", async (t) => {
  const { url, manager } = await serverFor(t);
  const proxy = await openHttpProxy(t, url);
  const client = createClient({ url: proxy.url, patienceMs: 0 });
  const { id } = await manager.submit({ type: "echo", input: {}, availableAt: LATER });
  const wait = client.waitUntil(id, "final");
  await client.get(id);
  proxy.cut();
  proxy.heal();
  await manager.cancel(id);
  assert.equal((await wait).state, "cancelled");
});

test("an address or a token that could never be sent is refused at once", () => {
  for (const url of [
    "",
    "/",
    "127.0.0.1:8080",
    "localhost:8080",
    "ftp://localhost",
    "http://a:b@localhost",
    "http://x/?y",
  ]) {
    assert.throws(() => createClient({ url }), code("invalid_config"));
  }
  for (const token of ["", "pawl_1\n", "pawl_ä"]) {
    assert.throws(() => createClient({ url: "http://localhost", token }), code("invalid_config"));
  }
});

test("requests go through the caller's own fetch where there is one", async (t) => {
  const { url } = await serverFor(t);
  const asked: string[] = [];
  const client = createClient({
    url,
    fetch: (input, init) => {
      asked.push(`${init?.method} ${String(input)}`);
      return fetch(input, init);
    },
  });
  await client.list({ state: ["failed", "cancelled"], label: "a:b c", limit: 5 });
  assert.deepEqual(asked, [`GET ${url}/api/v1/jobs?state=failed%2Ccancelled&label=a%3Ab+c&limit=5`]);
});
