// The server as a whole: where it listens, and how it ends.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createHttpServer } from "../../src/http/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { createGate, createManualClock, serverFor } from "./support.ts";

const ELSEWHERE = ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "192.168.0.1", "::ffff:10.0.0.1", "127.1", "example.com", ""];

test("without a valid token it listens on this machine only, and says how to make one", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const { manager, tokens } = await serverFor(t, { clock }, { clock });
  const refused = async (label: string) => {
    for (const host of ELSEWHERE) {
      for (const auth of ["auto", "on"] as const) {
        const server = createHttpServer({ manager, host, port: 0, auth, clock });
        await assert.rejects(server.listen(), { code: "invalid_config", message: /pawl tokens create --name/ }, label);
        await server.close();
      }
    }
  };
  await refused("no token was ever made");
  const { id } = await tokens.create("admin");
  await manager.access.revokeToken(id);
  await tokens.create("admin", { expiresInMs: 1_000 });
  clock.advance(1_000);
  await refused("all have ended");
});

test("with a valid token it listens beyond this machine, and everybody needs one", async (t) => {
  const { manager, tokens } = await serverFor(t);
  const { headers } = await tokens.create("read");
  const server = createHttpServer({ manager, host: "0.0.0.0", port: 0 });
  t.after(() => server.close());
  const { port } = await server.listen();
  const jobs = `http://127.0.0.1:${port}/api/v1/jobs`;
  assert.equal((await fetch(jobs)).status, 401);
  assert.equal((await fetch(jobs, { headers })).status, 200);
});

test("with auth off it listens beyond this machine, and nobody needs a token", async (t) => {
  const { manager } = await serverFor(t);
  const server = createHttpServer({ manager, host: "0.0.0.0", port: 0, auth: "off" });
  t.after(() => server.close());
  const { port } = await server.listen();
  assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/jobs`)).status, 200);
});

test("all addresses of this machine alone need no token", async (t) => {
  const { manager } = await serverFor(t);
  for (const host of ["127.0.0.1", "127.8.9.1", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost"]) {
    const server = createHttpServer({ manager, host, port: 0 });
    const { port } = await server.listen();
    const literal = host.includes(":") ? `[${host}]` : host;
    assert.equal((await fetch(`http://${literal}:${port}/api/v1/jobs`)).status, 200, host);
    await server.close();
  }
});

test("closing lets a request under way finish, and comes to the same thing twice", async (t) => {
  const { url, server } = await serverFor(t);
  const rest = createGate();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode("a,b\n"));
      await rest.passed;
      controller.enqueue(new TextEncoder().encode("1,2\n"));
      controller.close();
    },
  });
  const begun = new Promise((resolve) => server.app.server.once("request", resolve));
  const headers = { "content-type": "text/csv" };
  const upload = fetch(`${url}/api/v1/files`, { method: "POST", headers, body, duplex: "half" });
  await begun;
  const closed = Promise.all([server.close(), server.close()]);
  rest.open();
  const response = await upload;
  assert.equal(response.status, 201);
  await closed;
  await assert.rejects(fetch(`${url}/healthz`));
});

test("closing cuts off what does not end in time", async (t) => {
  const clock = createManualClock();
  const { url, server } = await serverFor(t, { clock, closeGraceMs: 1_000 });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  t.after(() => socket.destroy());
  const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()).on("error", () => {}));
  const begun = new Promise((resolve) => server.app.server.once("request", resolve));
  socket.write(
    "POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\na,b",
  );
  await begun;
  const closed = server.close();
  clock.advance(1_000);
  await Promise.all([closed, ended]);
});

test("a JSON body that does not arrive in time ends the connection", async (t) => {
  const clock = createManualClock();
  const { url, server } = await serverFor(t, { clock });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  t.after(() => socket.destroy());
  const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()).on("error", () => {}));
  const begun = new Promise((resolve) => server.app.server.once("request", resolve));
  socket.write(
    'POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"type"',
  );
  await begun;
  for (let passed = 0; passed < 60_000; passed += 5_000) clock.advance(5_000);
  await ended;
});
