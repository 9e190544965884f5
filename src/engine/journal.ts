// The journal of one attempt: what the job is about to do, written down durably and in order, so that it can be undone.
import { PermanentError } from "../domain/interruption.ts";
import type { Json } from "../domain/job.ts";
import type { JournalStore } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { type FencedWriteOptions, fencedWrite } from "./fenced-write.ts";
import { storedValue } from "./stored-value.ts";

export interface JournalOptions extends FencedWriteOptions {
  readonly attempt: Attempt;
  readonly journal: JournalStore;
}

/** Characters of an entry as JSON: entries are read back 200 at a time. */
const ENTRY_LIMIT = 65_536;
/** Characters of the entries of one call: they are one write. */
const CALL_LIMIT = 4_194_304;

/** Creates `job.journal` for one attempt. Calls are written one after the other, in the order in which they came. */
export function createJournal({ attempt, journal, ...options }: JournalOptions): (entry: Json) => Promise<void> {
  let writing: Promise<unknown> = Promise.resolve();
  return async (given) => {
    refuseInRollback(attempt);
    const entries = entriesOf(Array.isArray(given) ? given : [given]);
    if (entries.length === 0) return;
    const written = writing.then(() => fencedWrite(attempt, () => journal.append(attempt.lease, entries), options));
    writing = written.catch(() => {});
    await written;
  };
}

function entriesOf(given: readonly unknown[]): readonly Json[] {
  let total = 0;
  return given.map((entry) => {
    const { json, size } = storedValue(entry, {
      what: "An entry of the journal",
      prefix: "journal",
      limit: ENTRY_LIMIT,
    });
    total += size;
    if (total <= CALL_LIMIT) return json;
    throw new PermanentError(
      `The entries of one call of job.journal are more than ${CALL_LIMIT} characters as JSON. Write them in several calls.`,
      { code: "journal_too_large" },
    );
  });
}

function refuseInRollback({ record }: Attempt): void {
  if (record.phase === "forward") return;
  throw new PermanentError("job.journal cannot be used in a rollback: what undoes is not undone.", {
    code: "journal_in_rollback",
  });
}
