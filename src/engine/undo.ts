// Undoes what the journal speaks of, the newest entry first. An entry is forgotten as soon as its undo is done, so that the
// journal is the rollback's place: whatever cuts it off, it goes on with the entry that it had before it.
import type { Json } from "../domain/job.ts";
import type { JournalStore } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { callStore, type FencedWriteOptions, fencedWrite } from "./fenced-write.ts";
import type { AttemptProgress } from "./progress-reporter.ts";

export interface UndoOptions extends FencedWriteOptions {
  readonly attempt: Attempt;
  readonly journal: JournalStore;
  readonly checkpoints: Checkpoints;
  readonly progress: AttemptProgress;
  readonly undo: (entry: Json) => Promise<void>;
}

/** Entries a read. */
const PAGE = 200;
const UNIT = "entries";

/** Undoes all entries that are left. Throws `Interruption` between two of them when the attempt has to stop. */
export async function undoJournal(options: UndoOptions): Promise<void> {
  const { attempt, journal, checkpoints, progress, undo } = options;
  const { id } = attempt.record;
  let done = beginProgress(options, await callStore(attempt, () => journal.size(id), options));
  for (;;) {
    const page = await callStore(attempt, () => journal.newest(id, { limit: PAGE }), options);
    if (page.length === 0) return;
    for (const { seq, entry } of page) {
      await checkpoints.pass();
      await undo(entry);
      await fencedWrite(attempt, () => journal.remove(attempt.lease, [seq]), options);
      done += 1;
      progress.reporter.set({ done });
    }
  }
}

/** The journal does not grow in a rollback: what is gone of its first size is done. Answers how many entries that are. */
function beginProgress({ attempt, progress }: UndoOptions, left: number): number {
  if (left === 0) return 0;
  const before = attempt.record.progress;
  const total = Math.max(left, before.unit === UNIT ? (before.total ?? 0) : 0);
  progress.reporter.set({ done: total - left, total, unit: UNIT });
  return total - left;
}
