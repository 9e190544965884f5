import assert from "node:assert/strict";
import { test } from "node:test";
import { createParser, type Frame, readFrames } from "./event-stream.ts";

const STREAM = [
  ": open\n\n",
  "id: b-1\nevent: resync\ndata: {}\n\n",
  ": \n\n",
  'id: b-2\r\nevent: jobs\r\ndata: {"text":\r\ndata: "größe 世界 🌍"}\r\n\r\n',
  "event:jobs\ndata:no space\n\n",
  "event: nothing\n\n",
  "retry: 10\nunknown\ndata\n\n",
  "id: b-3\nevent: log\ndata: cut sho",
].join("");

const FRAMES: readonly Frame[] = [
  { event: "resync", id: "b-1", data: "{}" },
  { event: "jobs", id: "b-2", data: '{"text":\n"größe 世界 🌍"}' },
  { event: "jobs", id: "b-2", data: "no space" },
  { event: "", id: "b-2", data: "" },
];

test("frames are read from pieces of any size, and one that was cut short is none", () => {
  for (let size = 1; size <= STREAM.length; size += 1) {
    const parse = createParser();
    const found: Frame[] = [];
    for (let start = 0; start < STREAM.length; start += size) found.push(...parse(STREAM.slice(start, start + size)));
    assert.deepEqual(found, FRAMES, `pieces of ${size}`);
  }
});

test("an id that no header can hold is none: the stream could never be taken up again with it", () => {
  const parse = createParser();
  const frames = parse("id: 1\ndata: a\n\nid: 2\u0000\ndata: b\n\nid: größe\ndata: c\n\n");
  assert.deepEqual(
    frames.map(({ id }) => id),
    ["1", "1", "1"],
  );
});

test("a character that is cut in two by the network stays one", async () => {
  const bytes = new TextEncoder().encode(STREAM);
  const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const clock = { monotonic: () => 0, after: () => () => {} };
  const found: Frame[] = [];
  for await (const frame of readFrames(ReadableStream.from(pieces), clock)) found.push(frame);
  assert.deepEqual(found, FRAMES);
});
