// What one connection, and a caller who never reads, can take of the server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { serverFor } from "./support.ts";

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** Sends bytes on a connection that reads, and answers how many replies came before it was closed or fell silent. */
async function repliesTo(url: string, text: string, wanted: number): Promise<number> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  let seen = "";
  const closed = once(socket, "close");
  const enough = new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      seen += chunk;
      if (seen.split("HTTP/1.1 200").length - 1 >= wanted) resolve();
    });
  });
  socket.on("error", () => {});
  socket.write(text);
  await Promise.race([closed, enough]);
  socket.destroy();
  return seen.split("HTTP/1.1 200").length - 1;
}

test("a few requests may be sent ahead of their replies, and each is answered", async (t) => {
  const { url } = await serverFor(t);
  assert.equal(await repliesTo(url, GET("/healthz").repeat(8), 8), 8);
});

test("a connection that sends hundreds ahead is cut off, and others are served", async (t) => {
  const { url, manager } = await serverFor(t);
  await manager.submit({ type: "echo", input: {} });
  const replies = await repliesTo(url, GET("/api/v1/jobs").repeat(500), 500);
  assert.ok(replies < 500, `${replies} replies`);
  assert.equal((await fetch(`${url}/api/v1/jobs`)).status, 200);
});

test("beyond the limit of connections new ones are closed, and there is room again when one ends", async (t) => {
  const { url } = await serverFor(t, { maxConnections: 2 });
  const port = Number(new URL(url).port);
  const held = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  await Promise.all(held.map((socket) => once(socket, "connect")));
  for (const socket of held) socket.write(GET("/healthz"));
  await Promise.all(held.map((socket) => once(socket, "data")));
  const third = connect(port, "127.0.0.1");
  third.on("error", () => {});
  await once(third, "close");
  for (const socket of held) socket.destroy();
  await Promise.all(held.map((socket) => once(socket, "close")));
  while ((await fetch(`${url}/healthz`).catch(() => null))?.status !== 200);
});

test("a body that nobody asked for is refused before it is read", async (t) => {
  const { url } = await serverFor(t);
  const body = JSON.stringify({ token: "x".repeat(100_000) });
  const headers = { "content-type": "application/json" };
  const statusOf = async (path: string, method = "POST") => (await fetch(url + path, { method, headers, body })).status;
  assert.equal(await statusOf("/nothing"), 404);
  assert.equal(await statusOf("/api/v1/workers"), 405);
  assert.equal(await statusOf("/api/v1/session"), 413);
});

test("what a browser could run is never sent as what it is", async (t) => {
  const { url } = await serverFor(t);
  for (const [sent, got] of [
    ["text/javascript", "application/octet-stream"],
    ["text/html", "application/octet-stream"],
    ["image/svg+xml", "application/octet-stream"],
    ["application/xml", "application/octet-stream"],
    ["text/csv", "text/csv"],
    ["application/json", "application/json"],
    ["image/png", "image/png"],
  ]) {
    const form = new FormData();
    form.set("file", new Blob(["x"], { type: sent }), "f");
    const stored = (await (await fetch(`${url}/api/v1/files`, { method: "POST", body: form })).json()) as {
      id: string;
    };
    const answer = await fetch(`${url}/api/v1/files/${stored.id}`);
    assert.equal(answer.headers.get("content-type")?.split(";")[0], got, sent);
    await answer.body?.cancel();
  }
});
