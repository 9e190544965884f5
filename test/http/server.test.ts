// The server as a whole: where it listens, and how it ends.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createHttpServer } from "../../src/http/index.ts";
import { createGate, createManualClock, serverFor } from "./support.ts";

test("without credentials it listens on this machine only", async (t) => {
  const { manager } = await serverFor(t);
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  for (const host of ["0.0.0.0", "::", "192.168.0.1", "example.com", ""]) {
    assert.throws(
      () => createHttpServer({ manager, datasets: null, host, port: 0, logger }),
      { code: "invalid_config" },
      host,
    );
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
