// What the file store of a test's manager holds.
import type { TestManager } from "../../src/testing/test-manager.ts";

/** Ids of all files, half-written ones included. */
export async function storedFiles({ fileStore }: Pick<TestManager, "fileStore">): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of fileStore.list()) ids.push(id);
  return ids;
}
