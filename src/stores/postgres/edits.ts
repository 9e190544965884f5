// Edits of jobs that wait or are paused.
import type { EditResult, EditWrite, JobStore } from "../../ports/store.ts";
import { changeOf } from "../sql/notifier.ts";
import { jobRecordOf } from "../sql/rows.ts";
import type { Transaction } from "./database.ts";
import { edited } from "./queries/edits.ts";
import { type Rewrite, rewrite } from "./rewrite.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";
import { isStorable } from "./storable.ts";
import type { StoreServices } from "./store-services.ts";

const EDITABLE = ["priority", "availableAt", "maxAttempts", "labels", "input"] as const;

function rewriteOf(write: EditWrite): Rewrite {
  const { labels, input, expectedInput, ...rest } = write;
  return {
    ...rest,
    data: { changed: EDITABLE.filter((field) => write[field] !== undefined) },
    ...(labels && { labels: JSON.stringify(labels) }),
    ...(input && {
      input: {
        text: JSON.stringify(input.input),
        exclusiveGroup: input.exclusiveGroup,
        concurrencyKey: input.concurrencyKey,
        secretFields: JSON.stringify(input.secretFields),
        fileIds: input.fileIds,
      },
    }),
    ...(expectedInput !== undefined && { expectedInput: JSON.stringify(expectedInput) }),
  };
}

async function edit(transaction: Transaction, write: EditWrite): Promise<EditResult> {
  const done = await rewrite(transaction, rewriteOf(write));
  if (done.kind === "missing") return done;
  const row = done.kind === "edited" ? done.row : (await transaction.run(edited, write.id))[0];
  const job = jobRecordOf(row?.record);
  return done.kind === "exclusive_group_taken" ? { ...done, job } : { kind: done.kind, job };
}

export function createEdits({ database, notifier, time }: StoreServices): Pick<JobStore, "edit"> {
  /** A group that was taken between the look and the write breaks its unique index: then the look finds its holder. */
  async function attempt(write: EditWrite): Promise<EditResult> {
    for (;;) {
      try {
        return await database.transaction((transaction) => edit(transaction, write));
      } catch (error) {
        if (sqlStateOf(error) !== SQL_STATE.uniqueViolation) throw error;
      }
    }
  }

  return {
    async edit(write) {
      if (!isStorable(write.id)) return { kind: "missing" };
      const result = await attempt(write);
      if (result.kind !== "edited") return result;
      const { job } = result;
      notifier.publish({ kind: "changed", jobs: [changeOf(job)] });
      // Another input may have another concurrency key, which may have room; and a claim steps over a job that is written to.
      const given = write.availableAt !== undefined || write.input !== undefined;
      if (job.state === "queued" && (given || job.availableAt <= time.latest())) notifier.announceWork(job.availableAt);
      return result;
    },
  };
}
