// What a page has to load for the client: its own modules and some of the domain's, and nothing else that runs.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundleClient } from "../support/client-bundle.ts";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

test("the client brings no package, nothing of Node and nothing of the server along, and is small", async () => {
  const { code, files } = await bundleClient();
  const folders = files.map((file) => path.relative(SOURCES, file).split(path.sep)[0]);
  assert.deepEqual([...new Set(folders)].toSorted(), ["client", "domain"]);
  const size = gzipSync(code).length;
  assert.ok(size < 15_000, `${size} bytes, packed`);
});
