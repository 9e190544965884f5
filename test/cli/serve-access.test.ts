// Who gets in to a server that was started by `pawl serve`: on which address, with or without a token, to which APIs.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import type { Scope } from "../../src/domain/access.ts";
import type { JobTypeInfo } from "../../src/domain/job-control.ts";
import { createHttpClient } from "../support/http-client.ts";
import { runPawl } from "../support/pawl-command.ts";
import { type ServerOptions, spawnServer, startServer } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const dataIn = async (t: TestContext) => path.join(await tempFolder(t), "data");

/** Runs `work` against a server, asked on loopback whatever it listens on. */
async function served<T>(options: ServerOptions, work: (url: string, stdout: string) => Promise<T>): Promise<T> {
  const server = await startServer(options);
  try {
    return await work(server.url.replace("0.0.0.0", "127.0.0.1"), server.stdout());
  } finally {
    await server.stop();
  }
}

/** What a server prints that refuses its configuration. One that serves instead is ended. */
async function refusal(options: ServerOptions): Promise<string> {
  const server = spawnServer(options);
  server.ready.then(
    () => server.kill("SIGKILL"),
    () => undefined,
  );
  assert.deepEqual(await server.exited, { code: 2, signal: null });
  assert.equal(server.stdout(), "");
  return server.stderr();
}

/** Makes a token. Answers what `create` printed. */
async function makeToken(dataDir: string, scope: Scope) {
  const made = await runPawl(["tokens", "create", "--name", `some-${scope}`, "--scope", scope, "--data", dataDir]);
  assert.equal(made.code, 0, made.stderr);
  return made;
}

const statusOf = async (url: string, headers: Readonly<Record<string, string>> = {}) =>
  (await fetch(url, { headers })).status;

test("beyond loopback a server without a valid token does not start, and says how to make one", async (t) => {
  const dataDir = await dataIn(t);
  const stderr = await refusal({ dataDir, args: ["--host", "0.0.0.0"] });
  const [first = "", command = "", last = ""] = stderr.split("\n");
  assert.match(first, /^pawl: Other machines can reach 0\.0\.0\.0, and there is no valid token /);
  assert.match(
    command,
    /^ {2}\/\S*node\S* \/\S*src\/cli\/main\.ts tokens create --name admin --scope admin --data \S+\/data$/,
  );
  assert.match(last, /--auth off/);
});

test("beyond loopback a server with a valid token starts, asks for it, limits its rate, and does not serve the earlier APIs", async (t) => {
  const dataDir = await dataIn(t);
  const made = await makeToken(dataDir, "read");
  const options = { dataDir, args: ["--host", "0.0.0.0"], env: { PAWL_RATE_LIMIT: "5" } };
  await served(options, async (url, stdout) => {
    assert.match(
      stdout,
      /\nDashboard: http:\/\/127\.0\.0\.1:\d+\/ui\/ {3}API docs: http:\/\/127\.0\.0\.1:\d+\/docs\n/,
      "an address that can be called",
    );
    assert.match(
      stdout,
      /\nEvery caller needs a token, and NONE of the valid ones may do more than read\. .*:\n {2}.* --name admin --scope admin .*\nWhat goes over the network is plain HTTP.*\nThe earlier APIs are not served /,
    );
    assert.equal(await statusOf(`${url}/api/v1/jobs`), 401);
    const askWithToken = () => statusOf(`${url}/api/v1/jobs`, { authorization: `Bearer ${made.stdout.trim()}` });
    assert.equal(await askWithToken(), 200);
    assert.ok((await Promise.all(Array.from({ length: 50 }, askWithToken))).includes(429));
    assert.equal(await statusOf(`${url}/start?id=x`), 404);
  });
});

test("as long as there is a wider token, the start offers to make one for a caller, and else one for an admin", async (t) => {
  const dataDir = await dataIn(t);
  await makeToken(dataDir, "operate");
  await served({ dataDir }, async (_url, stdout) => {
    assert.match(
      stdout,
      /\nEvery caller needs a token\. No valid one is for an admin; .*\n .* --name admin --scope admin /,
    );
  });
  await makeToken(dataDir, "admin");
  await served({ dataDir }, async (_url, stdout) => {
    assert.match(stdout, /\nEvery caller needs a token\. This makes one:\n .* --name ada --scope operate /);
  });
});

test("behind a trusted proxy the earlier APIs are off unless they are asked for, and everybody needs a token", async (t) => {
  const dataDir = await dataIn(t);
  const env = { PAWL_TRUSTED_PROXIES: "127.0.0.1" };
  await served({ dataDir, env }, async (url, stdout) => {
    assert.match(
      stdout,
      /\nEverybody needs a token where a proxy is trusted, and there is none\. .*\n .* --name admin /,
    );
    assert.match(stdout, /\nThe earlier APIs are not served /);
    assert.equal(await statusOf(`${url}/start?id=x`), 404);
  });
  await served({ dataDir, env: { ...env, PAWL_COMPAT: "on" } }, async (url, stdout) => {
    assert.match(stdout, /\nThe earlier APIs are served too /);
    assert.equal(await statusOf(`${url}/start?id=x`), 401);
  });
});

test("with auth off anybody gets in on any address, and that is said", async (t) => {
  const options = { dataDir: await dataIn(t), env: { PAWL_HOST: "0.0.0.0", PAWL_AUTH: "off" } };
  await served(options, async (url, stdout) => {
    assert.match(stdout, /\nNobody needs a token: EVERYBODY who reaches this address may do everything\.\n/);
    assert.equal(await statusOf(`${url}/api/v1/jobs`), 200);
  });
});

test("on loopback the earlier APIs are served, and --no-compat turns them off", async (t) => {
  const dataDir = await dataIn(t);
  await served({ dataDir }, async (url, stdout) => {
    assert.match(
      stdout,
      /\nNobody needs a token: .* until a first token is made:\n.*\nThe earlier APIs are served too /,
    );
    const reply = await fetch(`${url}/start?id=x`);
    assert.deepEqual([reply.status, await reply.text()], [200, "Job id: x has been started"]);
  });
  await served({ dataDir, args: ["--no-compat"] }, async (url, stdout) => {
    assert.match(stdout, /\nThe earlier APIs are not served \(PAWL_COMPAT=on serves them\)\.\n$/);
    const reply = await fetch(`${url}/start?id=y`);
    assert.equal(reply.status, 404);
    assert.match(
      await reply.text(),
      /one of the five earlier APIs, which are off here; `pawl serve` has them with PAWL_COMPAT=on/,
    );
    assert.doesNotMatch(await (await fetch(`${url}/nothing`)).text(), /earlier/);
    const { tags } = (await (await fetch(`${url}/openapi.json`)).json()) as { tags: readonly { name: string }[] };
    assert.deepEqual(
      tags.filter(({ name }) => name.startsWith("Earlier")),
      [],
    );
  });
});

test("--no-compat and --compat on contradict each other, in either order", async (t) => {
  const dataDir = await dataIn(t);
  for (const args of [
    ["--no-compat", "--compat", "on"],
    ["--compat", "on", "--no-compat"],
  ]) {
    assert.match(
      await refusal({ dataDir, args }),
      /--compat (on and --compat off|off and --compat on) contradict each other/,
    );
  }
  await assert.rejects(stat(dataDir), { code: "ENOENT" });
});

test("what is configured of proxies, quotas and timings reaches the server, and endless tickers leave it a worker", async (t) => {
  const env = {
    PAWL_TRUSTED_PROXIES: "127.0.0.1",
    PAWL_AUTH: "off",
    PAWL_UPLOAD_QUOTA: "10",
    PAWL_CONCURRENCY: "2",
    PAWL_SIMPLE_STEP_MS: "1",
    PAWL_DAY_MS: "2",
    PAWL_REVERSE_DELAY_MS: "3",
    PAWL_FILE_TASK_STEP_MS: "4",
  };
  await served({ dataDir: await dataIn(t), env, args: ["--compat", "off"] }, async (url) => {
    const { call, submit, waitUntil } = createHttpClient(url);
    // From a proxy that is not trusted the header would be refused.
    assert.equal(await statusOf(`${url}/api/v1/jobs`, { "x-forwarded-for": "203.0.113.7" }), 200);
    const upload = await fetch(`${url}/api/v1/files`, {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: "name\n".repeat(3),
    });
    assert.equal(upload.status, 507);

    const { items } = (await call<{ items: readonly JobTypeInfo[] }>("GET", "/api/v1/job-types")).body;
    const standard = (type: string, field: string) =>
      Object(items.find(({ name }) => name === type)?.input).properties[field].default;
    assert.deepEqual(
      [
        standard("simple", "stepMs"),
        standard("day-export", "dayMs"),
        standard("reverse-text", "delayMs"),
        standard("file-task", "stepMs"),
      ],
      [1, 2, 3, 4],
    );

    for (let ticker = 0; ticker < 3; ticker += 1) await submit({ type: "ticker", input: { intervalMs: 60_000 } });
    const { id } = await submit({ type: "simple", input: {} });
    await waitUntil(id, "succeeded");
  });
});
