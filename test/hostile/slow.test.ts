// Senders who take their time, so that connections pile up: each is cut off, whatever trickles in, and nothing is stored.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { createManualClock, serverFor, type TestServer } from "../http/support.ts";
import { waitFor } from "../support/wait-for.ts";

const HEAD =
  "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n";

function open(t: TestContext, { url }: TestServer): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => undefined);
  t.after(() => socket.destroy());
  return socket.resume();
}

/** After this long they would be cut off for being silent. */
const CUT_MS = 20_000;
const cutOff = (...sockets: readonly Socket[]) =>
  waitFor(async () => sockets.every(({ closed }) => closed), { what: "connections to be cut off", withinMs: CUT_MS });

test("bodies that come byte by byte are cut off after half a minute, all of them, and nothing is stored", async (t) => {
  const clock = createManualClock();
  const http = await serverFor(t, { clock });
  const sockets = Array.from({ length: 30 }, () => open(t, http));
  let begun = 0;
  const { promise: allBegun, resolve } = Promise.withResolvers<void>();
  http.server.app.server.on("request", () => {
    begun += 1;
    if (begun === sockets.length) resolve();
  });
  // Media types have no letter case.
  for (const [at, socket] of sockets.entries()) {
    socket.write(`${at % 2 === 0 ? HEAD : HEAD.replace("application/json", "Application/JSON")}{`);
  }
  await allBegun;
  for (let passedMs = 0; passedMs <= 35_000; passedMs += 5_000) {
    for (const socket of sockets) if (socket.writable) socket.write(" ");
    clock.advance(5_000);
  }
  await cutOff(...sockets);
  assert.equal((await http.call("GET", "/readyz")).status, 200);
  assert.deepEqual((await http.manager.list()).items, []);
});

test("a body that ends in time is read, however slowly it comes", async (t) => {
  const clock = createManualClock();
  const http = await serverFor(t, { clock });
  const body = JSON.stringify({ type: "echo", input: {} });
  const socket = open(t, http);
  const begun = once(http.server.app.server, "request");
  const answered = once(socket, "data");
  socket.write(HEAD.replace("900", String(body.length)) + body.slice(0, 5));
  await begun;
  clock.advance(25_000);
  socket.write(body.slice(5));
  const [answer] = await answered;
  assert.match(String(answer), /^HTTP\/1\.1 201 /);
});

test("headers that never end are cut off, with an answer", async (t) => {
  const http = await serverFor(t);
  const { server } = http.server.app;
  assert.equal(server.headersTimeout, 15_000);
  // The time-out itself is Node's: here it is short, and what is seen is that somebody looks.
  server.headersTimeout = 100;
  const socket = open(t, http);
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  const trickle = setInterval(() => socket.write("X-A: a\r\n"), 200);
  t.after(() => clearInterval(trickle));
  socket.write("GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n");
  await cutOff(socket);
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /"code":"invalid_request"/);
  assert.equal((await http.call("GET", "/readyz")).status, 200);
});
