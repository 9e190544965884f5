// Deletes what is kept no longer: final jobs and the audit by age and number, uploads that nobody used. A little at a time,
// the entries before the bytes, so that nothing ever names a file that is gone.
import type { State } from "../domain/lifecycle.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { AuditStore, RetentionStore } from "../ports/store.ts";
import { createLoop } from "./loop.ts";
import type { Service } from "./service.ts";

/** How long jobs of a final state, or entries of the audit, are kept, and how many of them. `null`: no limit of that kind. */
export interface Keep {
  /** Since they finished, or were made, in ms. */
  readonly maxAgeMs: number | null;
  /** The newest, by submission, or as they were made. */
  readonly maxCount: number | null;
}

/** What is kept, and how long. Jobs that are `rollback_failed` are never deleted by themselves: they need a person. */
export interface Retention {
  readonly succeeded: Keep;
  readonly failed: Keep;
  readonly cancelled: Keep;
  readonly rolled_back: Keep;
  readonly audit: Keep;
  /** How long an uploaded file is kept that no job has taken, in ms. */
  readonly unusedUploadsMs: number;
}

const STATES = ["succeeded", "failed", "cancelled", "rolled_back"] as const satisfies readonly State[];
const DAY_MS = 24 * 3_600_000;

export const DEFAULT_RETENTION: Retention = {
  succeeded: { maxAgeMs: 30 * DAY_MS, maxCount: null },
  failed: { maxAgeMs: 90 * DAY_MS, maxCount: null },
  cancelled: { maxAgeMs: 30 * DAY_MS, maxCount: null },
  rolled_back: { maxAgeMs: 30 * DAY_MS, maxCount: null },
  audit: { maxAgeMs: 365 * DAY_MS, maxCount: 1_000_000 },
  unusedUploadsMs: DAY_MS,
};

export interface PrunerOptions {
  readonly store: RetentionStore;
  readonly audit: AuditStore;
  readonly fileStore: FileStore;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Look for what can go this often. */
const EVERY_MS = 60_000;
/** With more to delete than one portion, the next one comes after this long: others write in between. */
const PAUSE_MS = 100;
/** Jobs, or uploads, of a portion. */
const PORTION = 500;
/** Entries of a portion: so that more can go than callers can leave. */
const AUDIT_PORTION = 1_000;
const LEFTOVER_LIMIT = 1_000;

export function createPruner({ store, audit, fileStore, retention, clock, logger }: PrunerOptions): Service {
  /** Files whose entry is gone and whose bytes could not be deleted. A start sweeps away what is forgotten here. */
  let leftovers: readonly string[] = [];

  const removeBytes = async (fileIds: readonly string[]) => {
    try {
      await fileStore.remove(fileIds);
    } catch (error) {
      logger.error({ err: error, files: fileIds.length }, "Files could not be deleted; it is tried again.");
      leftovers = [...leftovers, ...fileIds].slice(0, LEFTOVER_LIMIT);
    }
  };

  /** One by one: a file that cannot be deleted must not keep the others. */
  const removeLeftovers = async () => {
    const again = leftovers;
    leftovers = [];
    for (const id of again) await removeBytes([id]);
  };

  const pruneJobs = async (state: State, keep: Keep): Promise<boolean> => {
    if (keep.maxAgeMs === null && keep.maxCount === null) return false;
    const { jobs, fileIds, more } = await store.prune({ state, ...keep, limit: PORTION });
    await removeBytes(fileIds);
    if (jobs > 0) logger.info({ state, jobs, files: fileIds.length }, "Deleted jobs that are kept no longer.");
    return more;
  };

  const pruneUploads = async (): Promise<boolean> => {
    const ids = await store.pruneUploads({ ageMs: retention.unusedUploadsMs, limit: PORTION });
    await removeBytes(ids);
    if (ids.length > 0) logger.info({ files: ids.length }, "Deleted uploads that no job has used.");
    return ids.length === PORTION;
  };

  const pruneAudit = async ({ maxAgeMs, maxCount }: Keep): Promise<boolean> => {
    if (maxAgeMs === null && maxCount === null) return false;
    const entries = await audit.pruneAudit({ maxAgeMs, maxCount, limit: AUDIT_PORTION });
    if (entries > 0) logger.info({ entries }, "Deleted entries of the audit that are kept no longer.");
    return entries === AUDIT_PORTION;
  };

  const tick = async (): Promise<number> => {
    await removeLeftovers();
    const more = [await pruneUploads()];
    for (const state of STATES) more.push(await pruneJobs(state, retention[state]));
    more.push(await pruneAudit(retention.audit));
    await store.pruneExpired();
    return more.includes(true) ? PAUSE_MS : EVERY_MS;
  };

  return createLoop({ name: "pruner", clock, logger, firstMs: EVERY_MS, retryMs: EVERY_MS, tick });
}
