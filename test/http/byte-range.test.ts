// Downloads in parts: what a broken-off download, a video player or a spreadsheet asks for.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { byteRangeOf } from "../../src/http/byte-range.ts";
import { assertProblem, serverFor } from "./support.ts";

const TEXT = "0123456789";

async function stored(t: Parameters<typeof serverFor>[0]) {
  const http = await serverFor(t);
  const response = await fetch(`${http.url}/api/v1/files?name=digits.txt`, {
    method: "POST",
    body: TEXT,
    headers: { "content-type": "text/plain" },
  });
  const { id } = (await response.json()) as { id: string };
  const url = `${http.url}/api/v1/files/${id}`;
  return { url, ask: (headers: Record<string, string>, method = "GET") => fetch(url, { method, headers }) };
}

test("a download can be asked for in parts", async (t) => {
  const { ask } = await stored(t);
  const cases = [
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-", "456789", "bytes 4-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
    ["bytes=-99", TEXT, "bytes 0-9/10"],
    ["bytes=8-99", "89", "bytes 8-9/10"],
    ["bytes=9-9", "9", "bytes 9-9/10"],
  ] as const;
  for (const [range, text, contentRange] of cases) {
    const answer = await ask({ range });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers.get("content-range"), contentRange);
    assert.equal(answer.headers.get("content-length"), String(text.length));
    assert.equal(await answer.text(), text);
  }
});

test("what is no range, or several, gets the whole file", async (t) => {
  const { ask } = await stored(t);
  for (const range of ["bytes=3-1", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,4-5", "0-3"]) {
    const answer = await ask({ range });
    assert.equal(answer.status, 200, range);
    assert.equal(answer.headers.get("accept-ranges"), "bytes");
    assert.equal(await answer.text(), TEXT);
  }
});

test("a range beyond the file is 416, with the file's size", async (t) => {
  const { ask } = await stored(t);
  for (const range of ["bytes=10-", "bytes=99-100", "bytes=-0"]) {
    const answer = await ask({ range });
    const body = await answer.json();
    assertProblem({ status: answer.status, headers: answer.headers, body }, 416, "range_not_satisfiable");
    assert.equal(answer.headers.get("content-range"), "bytes */10");
  }
});

test("a part of another version is the whole file instead", async (t) => {
  const { ask } = await stored(t);
  const etag = (await ask({}, "HEAD")).headers.get("etag") ?? "";
  assert.match(etag, /^"[0-9a-f]{64}"$/);
  assert.equal((await ask({ range: "bytes=0-3", "if-range": etag })).status, 206);
  assert.equal((await ask({ range: "bytes=0-3", "if-range": '"another"' })).status, 200);
});

test("a HEAD request for a part tells its length and sends nothing", async (t) => {
  const { ask } = await stored(t);
  const answer = await ask({ range: "bytes=2-4" }, "HEAD");
  assert.equal(answer.status, 206);
  assert.equal(answer.headers.get("content-length"), "3");
  assert.equal(await answer.text(), "");
});

test("whatever is asked for, a range lies within the file", () => {
  const number = fc.option(fc.nat(30), { nil: "" });
  fc.assert(
    fc.property(number, number, fc.nat(20), (first, last, size) => {
      const range = byteRangeOf({ range: `bytes=${first}-${last}` }, { size, etag: '"x"' });
      if (range === null || range === "beyond") return;
      assert.ok(range.start >= 0 && range.start < range.end && range.end <= size, JSON.stringify(range));
    }),
  );
});
