// What every file store must do, wherever its bytes are: the suite drives it through its port alone.
// Run it with `fileStoreContract(name, open)`; it registers its tests with node:test.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { systemClock } from "../engine/system-clock.ts";
import type { FileStore } from "../ports/file-store.ts";

/** An empty file store. */
export interface ContractFileStore {
  readonly files: FileStore;
  /** All that is stored, whatever it is called there: nothing may be left of what was refused or removed. */
  leftovers(): Promise<readonly string[]>;
  /** Closes it and removes what it left. */
  dispose(): Promise<void>;
}

type Test = (context: ContractFileStore) => Promise<void>;
type Register = (sentence: string, run: Test) => void;

const TOKEN = 1;

/**
 * Registers the contract as a suite of tests.
 *
 * @example
 * fileStoreContract("a folder", async () => openInTemporaryFolder());
 */
export function fileStoreContract(name: string, open: () => Promise<ContractFileStore>): void {
  const test: Register = (sentence, run) => {
    void it(sentence, async () => {
      const context = await open();
      try {
        await run(context);
      } finally {
        await context.dispose();
      }
    });
  };
  describe(name, { concurrency: false }, () => {
    describe("what is stored", () => storedTests(test));
    describe("what is refused", () => refusedTests(test));
    describe("files that grow", () => growingTests(test));
    describe("the list", () => listTests(test));
  });
}

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

async function* chunksOf(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function bytesOf(files: FileStore, id: string, range?: { start?: number; end?: number }): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.read(id, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const textOf = async (...given: Parameters<typeof bytesOf>) => (await bytesOf(...given)).toString();

async function idsOf(files: FileStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of files.list()) ids.push(id);
  return ids.sort();
}

function storedTests(test: Register): void {
  test("what was stored is read back, with its size and digest", async ({ files }) => {
    const bytes = randomBytes(700_000);
    const stored = await files.create(chunksOf(bytes.subarray(0, 1), bytes.subarray(1)), { maxBytes: 700_000 });
    assert.deepEqual({ size: stored.size, sha256: stored.sha256 }, { size: 700_000, sha256: sha256(bytes) });
    assert.ok((await bytesOf(files, stored.id)).equals(bytes));
  });

  test("an empty stream is an empty file", async ({ files }) => {
    const stored = await files.create(chunksOf(), { maxBytes: 10 });
    assert.deepEqual({ size: stored.size, sha256: stored.sha256 }, { size: 0, sha256: sha256("") });
    assert.equal(await textOf(files, stored.id), "");
  });

  test("a range is read from its start up to but without its end", async ({ files }) => {
    const { id } = await files.create(chunksOf("0123456789"), { maxBytes: 10 });
    assert.equal(await textOf(files, id, { start: 2, end: 5 }), "234");
    assert.equal(await textOf(files, id, { start: 8 }), "89");
    assert.equal(await textOf(files, id, { start: 8, end: 99 }), "89");
    assert.equal(await textOf(files, id, { start: 20 }), "");
    assert.equal(await textOf(files, id, { start: 4, end: 4 }), "");
  });

  test("any range of a large file is read, wherever it was written in pieces", async ({ files }) => {
    const bytes = randomBytes(1_000_000);
    const pieces = [0, 1, 65_536, 262_143, 262_144, 262_145, 600_001, 1_000_000];
    const parts = pieces.slice(1).map((end, index) => bytes.subarray(pieces[index], end));
    const { id } = await files.create(chunksOf(...parts), { maxBytes: 1_000_000 });
    for (const start of pieces) {
      for (const end of pieces.filter((candidate) => candidate >= start)) {
        assert.ok((await bytesOf(files, id, { start, end })).equals(bytes.subarray(start, end)), `${start} to ${end}`);
      }
    }
  });

  test("what stops reading early leaves nothing behind that would disturb", async ({ files }) => {
    const { id } = await files.create(chunksOf(randomBytes(700_000)), { maxBytes: 700_000 });
    for await (const chunk of files.read(id)) {
      assert.ok(chunk.length > 0);
      break;
    }
    await files.remove([id]);
  });

  test("a reader's array can be changed, and a writer's after its write", async ({ files }) => {
    const reused = Buffer.from("first");
    async function* reusing(): AsyncGenerator<Uint8Array> {
      yield reused;
      reused.write("other");
      yield reused;
    }
    const { id } = await files.create(reusing(), { maxBytes: 10 });
    assert.equal(await textOf(files, id), "firstother");
    for await (const chunk of files.read(id)) chunk.fill(0);
    assert.equal(await textOf(files, id), "firstother");
  });

  test("removing deletes, and a missing file is no error", async ({ files, leftovers }) => {
    const { id } = await files.create(chunksOf("x"), { maxBytes: 10 });
    const large = await files.create(chunksOf(randomBytes(1_500_000)), { maxBytes: 1_500_000 });
    await files.remove([id, files.newId(), large.id]);
    await files.remove([id]);
    await files.remove([]);
    assert.deepEqual(await leftovers(), []);
  });
}

function refusedTests(test: Register): void {
  async function* brokenStream(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(400_000);
    throw new Error("connection lost");
  }

  test("a stream past the limit is refused and leaves nothing behind", async ({ files, leftovers }) => {
    await assert.rejects(files.create(chunksOf("12345", "6"), { maxBytes: 5 }), { code: "payload_too_large" });
    await assert.rejects(files.create(chunksOf(Buffer.alloc(400_000), "6"), { maxBytes: 400_000 }), {
      code: "payload_too_large",
    });
    assert.deepEqual(await leftovers(), []);
    await files.create(chunksOf("12345"), { maxBytes: 5 });
  });

  test("a stream that breaks leaves nothing behind", async ({ files, leftovers }) => {
    await assert.rejects(files.create(brokenStream(), { maxBytes: 1_000_000 }), /connection lost/);
    assert.deepEqual(await leftovers(), []);
  });

  test("an id that is not a random id is never looked for", async ({ files, leftovers }) => {
    for (const id of ["", "../../etc/passwd", "a\0b", "CON", "00000000-0000-0000-0000-00000000000/", "x".repeat(36)]) {
      await assert.rejects(bytesOf(files, id), { code: "not_found" });
      await assert.rejects(files.append(id, 0, TOKEN), { code: "not_found" });
      await files.remove([id]);
    }
    assert.deepEqual(await leftovers(), []);
  });

  test("a file that is not there is not_found", async ({ files, leftovers }) => {
    await assert.rejects(bytesOf(files, files.newId()), { code: "not_found" });
    await assert.rejects(bytesOf(files, files.newId(), { start: 5 }), { code: "not_found" });
    await assert.rejects(files.append(files.newId(), 3, TOKEN), { code: "not_found" });
    assert.deepEqual(await leftovers(), []);
  });
}

function growingTests(test: Register): void {
  test("a growing file goes on where it was, and forgets what lies beyond", async ({ files }) => {
    const id = files.newId();
    const first = await files.append(id, 0, 1);
    await first.write("one,");
    await first.write(Buffer.from("two,"));
    assert.equal(first.size, 8);
    await first.sync();
    await first.write("never checkpointed");
    await first.close();
    await first.close();
    const second = await files.append(id, 8, 2);
    await second.write("drei ä");
    assert.deepEqual(await second.finish(), { id, size: 15, sha256: sha256("one,two,drei ä") });
    assert.equal(await textOf(files, id), "one,two,drei ä");
  });

  test("a growing file is cut wherever it is asked to be, and what is added stands there", async ({ files }) => {
    const bytes = randomBytes(900_000);
    const id = files.newId();
    const first = await files.append(id, 0, TOKEN);
    for (const [start, end] of [
      [0, 10],
      [10, 300_000],
      [300_000, 300_001],
      [300_001, 900_000],
    ]) {
      await first.write(bytes.subarray(start, end));
      await first.sync();
    }
    await first.close();
    let kept = bytes;
    for (const size of [899_999, 562_145, 562_144, 300_001, 300_000, 262_144, 10, 9, 0]) {
      const appender = await files.append(id, size, TOKEN);
      assert.equal(appender.size, size);
      await appender.write("!");
      const { sha256: digest, ...finished } = await appender.finish();
      kept = Buffer.concat([kept.subarray(0, size), Buffer.from("!")]);
      assert.deepEqual([finished.size, digest], [size + 1, sha256(kept)]);
      assert.ok((await bytesOf(files, id)).equals(kept), `cut to ${size}`);
    }
  });

  test("what is synced can be read while the file grows, from the beginning or its middle", async ({ files }) => {
    const id = files.newId();
    const appender = await files.append(id, 0, TOKEN);
    let written = "";
    for (let line = 0; line < 300; line += 1) {
      written += `line ${line}\n`;
      await appender.write(`line ${line}\n`);
      if (line % 3 === 0) await appender.sync();
    }
    await appender.sync();
    assert.equal(await textOf(files, id), written);
    assert.equal(await textOf(files, id, { start: 100, end: 2_000 }), written.slice(100, 2_000));
    await appender.close();
  });

  test("a growing file opened at 0 starts anew", async ({ files }) => {
    const id = files.newId();
    const first = await files.append(id, 0, TOKEN);
    await first.write("something");
    await first.sync();
    await first.close();
    const second = await files.append(id, 0, TOKEN);
    assert.deepEqual(await second.finish(), { id, size: 0, sha256: sha256("") });
    assert.equal(await textOf(files, id), "");
  });

  test("writes that nobody awaits keep their order", async ({ files }) => {
    const appender = await files.append(files.newId(), 0, TOKEN);
    const large = (letter: string) => letter.repeat(200_000);
    await Promise.all(["a", large("b"), "c", large("d"), large("e")].map((text) => appender.write(text)));
    const { id } = await appender.finish();
    assert.equal(await textOf(files, id), `a${large("b")}c${large("d")}${large("e")}`);
  });

  test("a growing file that lost bytes is reported, not padded", async ({ files }) => {
    const { id } = await files.create(chunksOf("12345"), { maxBytes: 5 });
    await assert.rejects(files.append(id, 6, TOKEN), /must hold at least 6 bytes but holds 5/);
    assert.equal(await textOf(files, id), "12345");
  });

  test("a file that was closed or finished takes nothing more", async ({ files }) => {
    const id = files.newId();
    const first = await files.append(id, 0, TOKEN);
    await first.write("kept");
    await first.finish();
    await assert.rejects(first.write("more"));
    const second = await files.append(id, 4, TOKEN);
    await second.close();
    await assert.rejects(second.write("more"));
    assert.equal(await textOf(files, id), "kept");
  });
}

function listTests(test: Register): void {
  test("the list holds every file, half-written uploads included", async ({ files }) => {
    assert.deepEqual(await idsOf(files), []);
    const { id } = await files.create(chunksOf("x"), { maxBytes: 10 });
    const during: string[] = [];
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("half");
      during.push(...(await idsOf(files)));
    }
    const second = await files.create(slow(), { maxBytes: 10 });
    assert.deepEqual(during, [id, second.id].sort());
    const growing = files.newId();
    const appender = await files.append(growing, 0, TOKEN);
    await appender.close();
    assert.deepEqual(await idsOf(files), [id, second.id, growing].sort());
  });

  test("the list says when each file was written last", async ({ files }) => {
    const id = files.newId();
    const appender = await files.append(id, 0, TOKEN);
    const modifiedAt = async () => {
      for await (const file of files.list()) if (file.id === id) return file.modifiedAt;
      throw new Error("The file is not in the list.");
    };
    const before = await modifiedAt();
    assert.ok(Math.abs(before - systemClock.now()) < 60_000);
    while ((await modifiedAt()) === before) {
      await appender.write("x");
      await appender.sync();
    }
    assert.ok((await modifiedAt()) > before);
    await appender.close();
  });
}
