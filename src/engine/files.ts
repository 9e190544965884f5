// Uploads and artifacts: bytes in the file store, names and digests in the store's index. Bytes are written first and
// indexed second, so that the index never names what is not there; bytes that no index names are swept away at start.
import { jobNotFound, PawlError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { FileEntry, Store } from "../ports/store.ts";
import type { Files } from "./manager.ts";

export interface FilesServices {
  readonly store: Store;
  readonly fileStore: FileStore;
  readonly clock: Clock;
}

export function createFiles({ store, fileStore, clock }: FilesServices): Files {
  const find = async (id: string): Promise<FileEntry | null> => (await store.files.getFiles([id]))[0] ?? null;
  return {
    async upload(bytes, { name, mediaType, maxBytes }) {
      const stored = await fileStore.create(bytes, { maxBytes });
      const entry: Omit<FileEntry, "createdAt"> = { ...stored, jobId: null, kind: "upload", name, mediaType };
      try {
        await store.files.insertFile(entry);
      } catch (error) {
        await fileStore.remove([stored.id]);
        throw error;
      }
      return { ...entry, createdAt: clock.now() };
    },
    get: find,
    async open(id) {
      const file = await find(id);
      if (!file) throw new PawlError("not_found", `There is no file "${id}".`);
      return { file, bytes: fileStore.read(id) };
    },
    async artifact(jobId, name) {
      const [job] = await store.jobs.get([jobId]);
      if (!job) throw jobNotFound(jobId);
      const artifact = job.artifacts.find((candidate) => candidate.name === name);
      const file = artifact && (await find(artifact.fileId));
      if (!file) throw new PawlError("not_found", `Job ${jobId} has no artifact "${name}".`);
      return { file, bytes: fileStore.read(file.id) };
    },
    async discard(ids) {
      await store.files.removeFiles(ids);
      await fileStore.remove(ids);
    },
  };
}

/** What is younger may be an upload that is about to be indexed. */
const SWEEP_AGE_MS = 3_600_000;
/** Files a read of the index. */
const SWEEP_GROUP = 500;

/** Deletes bytes that no index names and that are older than an hour: what crashes left behind. */
export async function sweepFiles({
  store,
  fileStore,
  clock,
  logger,
}: FilesServices & { readonly logger: Logger }): Promise<void> {
  const before = clock.now() - SWEEP_AGE_MS;
  let group: string[] = [];
  const check = async () => {
    const known = new Set((await store.files.getFiles(group)).map((file) => file.id));
    const unknown = group.filter((id) => !known.has(id));
    await fileStore.remove(unknown);
    if (unknown.length > 0) logger.info({ files: unknown.length }, "Deleted files that nothing refers to.");
    group = [];
  };
  for await (const { id, modifiedAt } of fileStore.list()) {
    if (modifiedAt < before) group.push(id);
    if (group.length >= SWEEP_GROUP) await check();
  }
  if (group.length > 0) await check();
}
