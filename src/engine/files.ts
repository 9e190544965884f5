// Uploads and artifacts: bytes in the file store, names and digests in the store's index. Bytes are written first and
// indexed second, so that the index never names what is not there; and no upload goes beyond the quota of all of them.
import { jobNotFound, PawlError, quotaExceeded } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { FileEntry, Store } from "../ports/store.ts";
import type { Files } from "./manager.ts";
import { createUploadQuota } from "./upload-quota.ts";

export interface FilesServices {
  readonly store: Store;
  readonly fileStore: FileStore;
  readonly clock: Clock;
  /** `null`: none. */
  readonly quotaBytes: number | null;
}

type UploadEntry = Omit<FileEntry, "createdAt">;

export function createFiles({ store, fileStore, clock, quotaBytes }: FilesServices): Files {
  const quota = createUploadQuota({ files: store.files, clock, maxBytes: quotaBytes });
  const find = async (id: string): Promise<FileEntry | null> => (await store.files.getFiles([id]))[0] ?? null;
  const insert = async (entry: UploadEntry) => {
    if (quotaBytes === null) return store.files.insertFile(entry);
    const result = await store.files.insertUpload(entry, { maxBytes: quotaBytes });
    if (result === "too_much") throw quotaExceeded(quotaBytes);
  };
  const index = async (entry: UploadEntry) => {
    try {
      await insert(entry);
    } catch (error) {
      await fileStore.remove([entry.id]);
      throw error;
    }
  };
  return {
    async upload(bytes, { name, mediaType, maxBytes }) {
      const share = quota.take();
      try {
        const stored = await fileStore.create(share.count(bytes), { maxBytes });
        const entry: UploadEntry = { ...stored, jobId: null, kind: "upload", name, mediaType };
        await index(entry);
        share.keep();
        return { ...entry, createdAt: clock.now() };
      } finally {
        share.giveBack();
      }
    },
    get: find,
    async open(id) {
      const file = await find(id);
      if (!file) throw new PawlError("not_found", `There is no file "${id}".`);
      return { file, read: (range) => fileStore.read(id, range) };
    },
    async artifact(jobId, name) {
      const [job] = await store.jobs.get([jobId]);
      if (!job) throw jobNotFound(jobId);
      const artifact = job.artifacts.find((candidate) => candidate.name === name);
      const file = artifact && (await find(artifact.fileId));
      if (!file) throw new PawlError("not_found", `Job ${jobId} has no artifact "${name}".`);
      return { file, read: (range) => fileStore.read(file.id, range) };
    },
    async discard(ids) {
      await store.files.removeFiles(ids);
      await fileStore.remove(ids);
    },
  };
}
