// Deletes bytes that no index names: what crashes left behind between writing a file and indexing it. Once, after a start.
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { Store } from "../ports/store.ts";
import type { Service } from "./service.ts";

export interface FileSweepOptions {
  readonly store: Pick<Store, "files">;
  readonly fileStore: FileStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is younger may be an upload that is about to be indexed. */
const SWEEP_AGE_MS = 3_600_000;
/** Files a read of the index. */
const SWEEP_GROUP = 500;

/** Sweeps behind `start`, which does not wait for it. */
export function createFileSweep(options: FileSweepOptions): Service {
  let isStopping = false;
  let sweeping: Promise<void> | null = null;
  return {
    async start() {
      sweeping ??= sweep(options, () => isStopping).catch((error) =>
        options.logger.error({ err: error }, "Sweeping files failed."),
      );
    },
    async stop() {
      isStopping = true;
      await sweeping;
    },
  };
}

async function sweep({ store, fileStore, clock, logger }: FileSweepOptions, isStopping: () => boolean): Promise<void> {
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
    if (isStopping()) return;
    if (modifiedAt < before) group.push(id);
    if (group.length >= SWEEP_GROUP) await check();
  }
  if (group.length > 0) await check();
}
