import assert from "node:assert/strict";
import { once } from "node:events";
import { stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { SETTINGS } from "../../src/cli/settings.ts";
import { runPawl } from "../support/pawl-command.ts";
import { spawnServer, startServer } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";

const dataIn = async (t: TestContext) => path.join(await tempFolder(t), "data");

test("serves with nothing configured, in a data folder for its owner's eyes only, and stops cleanly on SIGTERM", async (t) => {
  const dataDir = await dataIn(t);
  const server = await startServer({ dataDir });
  assert.match(
    server.stdout(),
    /^Pawl serves on http:\/\/127\.0\.0\.1:\d+\nDashboard: http:\/\/127\.0\.0\.1:\d+\/ui\/ {3}API docs: http:\/\/127\.0\.0\.1:\d+\/docs\nData: /,
  );
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
  assert.deepEqual(await server.kill("SIGTERM"), { code: 0, signal: null });
});

test("stops cleanly on SIGINT too", async (t) => {
  const server = await startServer({ dataDir: await dataIn(t) });
  assert.deepEqual(await server.kill("SIGINT"), { code: 0, signal: null });
});

test("starts again on the folder of a server that was killed", async (t) => {
  const dataDir = await dataIn(t);
  const first = await startServer({ dataDir });
  await first.kill("SIGKILL");
  const second = await startServer({ dataDir });
  await second.stop();
});

test("a second server on the same data folder is refused, and told who owns it", async (t) => {
  const dataDir = await dataIn(t);
  const first = await startServer({ dataDir });
  const second = spawnServer({ dataDir });
  assert.deepEqual(await second.exited, { code: 9, signal: null });
  assert.match(second.stderr(), new RegExp(`^pawl: .*\\b${first.pid}\\b`, "m"));
  await first.stop();
});

test("a port that is in use is named, with the way out", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(typeof address === "object" && address);
  const server = spawnServer({ dataDir: await dataIn(t), args: ["--port", String(address.port)] });
  assert.deepEqual(await server.exited, { code: 2, signal: null });
  assert.equal(
    server.stderr(),
    `pawl: Port ${address.port} on 127.0.0.1 is in use by another program. Choose another with --port, or --port 0 for any free one.\n`,
  );
});

test("a data folder that is a file is named, with the way out", async (t) => {
  const dataDir = await dataIn(t);
  await writeFile(dataDir, "");
  const server = spawnServer({ dataDir });
  assert.deepEqual(await server.exited, { code: 2, signal: null });
  assert.match(server.stderr(), /^pawl: The data folder .* is no folder\. Choose another one with --data\.\n$/);
});

test("a configuration with mistakes is refused before anything is touched", async (t) => {
  const dataDir = await dataIn(t);
  await writeFile(path.join(path.dirname(dataDir), ".env"), "PAWL_CONCURRENCY=many\n");
  const server = spawnServer({ dataDir, env: { PAWL_HOST: "example.com", PAWL_PROT: "1" } });
  assert.deepEqual(await server.exited, { code: 2, signal: null });
  assert.match(
    server.stderr(),
    /PAWL_PROT is not a setting.*\n.*PAWL_HOST must be.*\n.*PAWL_CONCURRENCY in \.env must be/,
  );
  await assert.rejects(stat(dataDir), { code: "ENOENT" });
});

test("a second signal ends it at once", async (t) => {
  const server = await startServer({ dataDir: await dataIn(t), env: { PAWL_DRAIN_MS: "600000" } });
  // A request that never ends keeps the first signal waiting.
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.on("error", () => undefined);
  socket.write(
    "POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n",
  );
  await once(socket, "data");
  process.kill(server.pid, "SIGTERM");
  await waitFor(async () => server.stderr().includes("Stopping"), { what: "the first signal to be heard" });
  assert.deepEqual(await server.kill("SIGTERM"), { code: 143, signal: null });
});

test("--help documents every setting with its variable", async () => {
  const { code, stdout } = await runPawl(["serve", "--help"], { env: { COLUMNS: "200" } });
  assert.equal(code, 0);
  for (const { variable, flag } of Object.values(SETTINGS)) {
    assert.ok(stdout.includes(variable), variable);
    assert.ok(stdout.includes(flag), flag);
  }
});

test("an unknown flag or command ends with the exit code of a usage error", async () => {
  const flag = await runPawl(["serve", "--prot", "1"]);
  assert.equal(flag.code, 2);
  assert.match(flag.stderr, /unknown option '--prot'\n\(Did you mean --port\?\)/);
  assert.equal((await runPawl(["sevre"])).code, 2);
  const passedByNpm = await runPawl(["serve", "0.0.0.0"]);
  assert.equal(passedByNpm.code, 2);
  assert.match(passedByNpm.stderr, /^pawl: too many arguments .*\n.* npm start -- --port 9000/);
});
