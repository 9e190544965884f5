import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

/** Makes an empty folder that goes when the test ends. */
export async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "pawl-test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
