import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { FileStore } from "../ports/file-store.ts";
import { createDirectoryFileStore } from "./directory-file-store.ts";

let root = "";
let store: FileStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pawl-files-"));
  store = createDirectoryFileStore({ directory: join(root, "a", "files") });
});

afterEach(() => rmSync(root, { recursive: true }));

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

async function* chunksOf(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function* brokenStream(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw new Error("connection lost");
}

async function contentOf(id: string, range?: { start?: number; end?: number }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(id, range)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const allFiles = () =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));

async function idsOf(files: FileStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of files.list()) ids.push(id);
  return ids.sort();
}

test("what was stored is read back, with its size and digest", async () => {
  const bytes = randomBytes(700_000);
  const stored = await store.create(chunksOf(bytes.subarray(0, 1), bytes.subarray(1)), { maxBytes: 700_000 });
  assert.deepEqual({ size: stored.size, sha256: stored.sha256 }, { size: 700_000, sha256: sha256(bytes) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(stored.id)) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(bytes));
});

test("an empty stream is an empty file", async () => {
  const stored = await store.create(chunksOf(), { maxBytes: 10 });
  assert.deepEqual({ size: stored.size, sha256: stored.sha256 }, { size: 0, sha256: sha256("") });
  assert.equal(await contentOf(stored.id), "");
});

test("a range is read from its start up to but without its end", async () => {
  const { id } = await store.create(chunksOf("0123456789"), { maxBytes: 10 });
  assert.equal(await contentOf(id, { start: 2, end: 5 }), "234");
  assert.equal(await contentOf(id, { start: 8 }), "89");
  assert.equal(await contentOf(id, { start: 8, end: 99 }), "89");
  assert.equal(await contentOf(id, { start: 20 }), "");
});

test("files are readable by their owner only", { skip: process.platform === "win32" }, async () => {
  await store.create(chunksOf("x"), { maxBytes: 10 });
  const [path = ""] = allFiles();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
});

test("a stream past the limit is refused and leaves nothing behind", async () => {
  await assert.rejects(store.create(chunksOf("12345", "6"), { maxBytes: 5 }), { code: "payload_too_large" });
  assert.deepEqual(allFiles(), []);
  await store.create(chunksOf("12345"), { maxBytes: 5 });
});

test("a stream that breaks leaves nothing behind", async () => {
  await assert.rejects(store.create(brokenStream(), { maxBytes: 100 }), /connection lost/);
  assert.deepEqual(allFiles(), []);
});

test("an id that is not a random id never reaches the file system", async () => {
  for (const id of ["", "../../etc/passwd", "a\0b", "CON", "00000000-0000-0000-0000-00000000000/", "x".repeat(36)]) {
    await assert.rejects(contentOf(id), { code: "not_found" });
    await assert.rejects(store.append(id, 0), { code: "not_found" });
    await store.remove([id]);
  }
});

test("a file that is not there is not_found", async () => {
  await assert.rejects(contentOf(store.newId()), { code: "not_found" });
  await assert.rejects(store.append(store.newId(), 3), { code: "not_found" });
});

test("removing deletes, and a missing file is no error", async () => {
  const { id } = await store.create(chunksOf("x"), { maxBytes: 10 });
  await store.remove([id, store.newId()]);
  await store.remove([id]);
  assert.deepEqual(allFiles(), []);
});

test("a growing file goes on where it was, and forgets what lies beyond", async () => {
  const id = store.newId();
  const first = await store.append(id, 0);
  await first.write("one,");
  await first.write(Buffer.from("two,"));
  assert.equal(first.size, 8);
  await first.sync();
  await first.write("never checkpointed");
  await first.close();
  await first.close();
  const second = await store.append(id, 8);
  await second.write("drei ä");
  assert.deepEqual(await second.finish(), { id, size: 15, sha256: sha256("one,two,drei ä") });
  assert.equal(await contentOf(id), "one,two,drei ä");
});

test("a growing file opened at 0 starts anew", async () => {
  const id = store.newId();
  const first = await store.append(id, 0);
  await first.write("something");
  await first.close();
  const second = await store.append(id, 0);
  assert.deepEqual(await second.finish(), { id, size: 0, sha256: sha256("") });
});

test("writes that nobody awaits keep their order", async () => {
  const appender = await store.append(store.newId(), 0);
  await Promise.all(["a", "b", "c", "d"].map((text) => appender.write(text)));
  const { id } = await appender.finish();
  assert.equal(await contentOf(id), "abcd");
});

test("a growing file that lost bytes is reported, not padded", async () => {
  const { id } = await store.create(chunksOf("12345"), { maxBytes: 5 });
  await assert.rejects(store.append(id, 6), /must hold at least 6 bytes but holds 5/);
});

test("a full disk is storage_full", { skip: process.platform !== "linux" }, async () => {
  const id = store.newId();
  const folder = join(root, "a", "files", id.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  symlinkSync("/dev/full", join(folder, id));
  const appender = await store.append(id, 0);
  await assert.rejects(appender.write("x"), { code: "storage_full" });
  await appender.close();
});

test("the list holds every file, half-written uploads included", async () => {
  assert.deepEqual(await idsOf(store), []);
  const { id } = await store.create(chunksOf("x"), { maxBytes: 10 });
  const during: string[] = [];
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("half");
    during.push(...(await idsOf(store)));
  }
  const second = await store.create(slow(), { maxBytes: 10 });
  assert.deepEqual(during, [id, second.id].sort());
  assert.deepEqual(await idsOf(store), [id, second.id].sort());
});
