import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { FileStore } from "../ports/file-store.ts";
import { fileStoreContract } from "../testing/file-store-contract.ts";
import { createDirectoryFileStore } from "./directory-file-store.ts";

const allFiles = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));

function openInFolder() {
  const root = mkdtempSync(join(tmpdir(), "pawl-files-"));
  return {
    root,
    files: createDirectoryFileStore({ directory: join(root, "a", "files") }),
    leftovers: async () => allFiles(root),
    dispose: async () => rmSync(root, { recursive: true }),
  };
}

fileStoreContract("a folder", async () => openInFolder());

describe("files in a folder", () => {
  let opened: ReturnType<typeof openInFolder>;
  let root = "";
  let store: FileStore;

  beforeEach(() => {
    opened = openInFolder();
    ({ root, files: store } = opened);
  });
  afterEach(() => opened.dispose());

  test("are readable by their owner only", { skip: process.platform === "win32" }, async () => {
    const appender = await store.append(store.newId(), 0, 1);
    await appender.close();
    const [path = ""] = allFiles(root);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  });

  test("are readable by their owner only when they were uploaded", { skip: process.platform === "win32" }, async () => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("x");
    }
    await store.create(bytes(), { maxBytes: 10 });
    const [path = ""] = allFiles(root);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  });

  test("are storage_full on a full disk", { skip: process.platform !== "linux" }, async () => {
    const id = store.newId();
    const folder = join(root, "a", "files", id.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    symlinkSync("/dev/full", join(folder, id));
    const appender = await store.append(id, 0, 1);
    await assert.rejects(appender.write("x"), { code: "storage_full" });
    await appender.close();
  });
});
