// Writes over jobs that wait or are paused (on the writer's thread).
// Invariant: what a worker holds is not written over, nor the input of what has started: the statements look at the state themselves.
import type { DatabaseSync } from "node:sqlite";
import { integerOf, textOf, textOrNull } from "../sql/rows.ts";
import type { JobCounts } from "./job-counts.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/edits.ts";
import { get as getJobs } from "./queries/reads.ts";

/** What to write over a job; what is left out stays. Labels, inputs and secret fields are JSON texts. */
export interface Rewrite {
  readonly id: string;
  readonly actor: string;
  readonly reason: string | null;
  /** For the history. */
  readonly data: object;
  readonly priority?: number;
  readonly availableAt?: number;
  readonly maxAttempts?: number;
  readonly labels?: string;
  readonly input?: {
    readonly text: string;
    readonly exclusiveGroup: string | null;
    readonly concurrencyKey: string | null;
    readonly secretFields: string;
    readonly fileIds: readonly string[];
  };
  readonly expectedInput?: string;
}

export type Rewritten =
  | { readonly kind: "edited"; readonly change: string; readonly availableAt: number }
  | { readonly kind: "refused" | "changed_meanwhile" | "missing" }
  | { readonly kind: "exclusive_group_taken"; readonly holder: string };

/** Creates the function that rewrites one job, for an edit and for a submit that is merged. */
export function createRewrite(db: DatabaseSync, counts: JobCounts): (rewrite: Rewrite, now: number) => Rewritten {
  const editable = db.prepare(sql.editable);
  const hasInput = db.prepare(sql.hasInput);
  const groupHolder = db.prepare(sql.groupHolder);
  const edit = db.prepare(sql.edit);
  const record = db.prepare(sql.recordEdit);
  const edited = db.prepare(sql.edited);
  const dropLabels = db.prepare(sql.dropLabels);
  const storeLabels = db.prepare(sql.storeLabels);
  const replaceInput = createReplaceInput(db);

  function apply(job: number, rewrite: Rewrite, now: number): Rewritten {
    const { actor, reason, data, priority, availableAt, maxAttempts, labels, input } = rewrite;
    edit.run({
      job,
      now,
      priority: priority ?? null,
      availableAt: availableAt ?? null,
      maxAttempts: maxAttempts ?? null,
      labels: labels ?? null,
    });
    if (labels !== undefined) {
      dropLabels.run(job);
      storeLabels.run(job, labels);
    }
    if (input) replaceInput(job, rewrite.id, input);
    record.run({ job, now, actor, reason, data: JSON.stringify(data) });
    const row = edited.get(job);
    return { kind: "edited", change: textOf(row, "change"), availableAt: integerOf(row, "available_at") };
  }

  return (rewrite, now) => {
    const row = editable.get(rewrite.id);
    if (row === undefined) return { kind: "missing" };
    const { input, expectedInput } = rewrite;
    if (row.editable !== 1 || (input && row.unstarted !== 1)) return { kind: "refused" };
    const job = integerOf(row, "n");
    if (expectedInput !== undefined && !hasInput.get(job, expectedInput)) return { kind: "changed_meanwhile" };
    const holder = textOrNull(groupHolder.get(job, input?.exclusiveGroup ?? null), "id");
    if (holder !== null) return { kind: "exclusive_group_taken", holder };
    counts.reordered({ type: textOf(row, "type"), queue: textOf(row, "queue") });
    return apply(job, rewrite, now);
  };
}

function createReplaceInput(db: DatabaseSync) {
  const editInput = db.prepare(sql.editInput);
  const storeLargeInput = db.prepare(sql.storeLargeInput);
  const dropLargeInput = db.prepare(sql.dropLargeInput);
  const files = [sql.leaveFiles, sql.useFiles, sql.giveBackFiles, sql.adoptFiles].map((text) => db.prepare(text));
  return (job: number, id: string, { text, fileIds, secretFields, ...keys }: NonNullable<Rewrite["input"]>): void => {
    editInput.run({ job, input: text, secretFields, ...keys });
    storeLargeInput.run(job, text);
    dropLargeInput.run(job, text);
    const named = JSON.stringify(fileIds);
    for (const statement of files) statement.run(id, named);
  };
}

/** An edit as it crosses the thread. `availableNow` says that it waits for nothing. */
export type EditArguments = Rewrite & { readonly availableNow: boolean };

export function createEdits(db: DatabaseSync, counts: JobCounts) {
  const rewrite = createRewrite(db, counts);
  const get = db.prepare(getJobs);
  return {
    /** Answers `[kind, record, holder]`. */
    edit({ now }: Moment, editText: string): string {
      const { availableNow, ...given }: EditArguments = JSON.parse(editText);
      const done = rewrite(availableNow ? { ...given, availableAt: now } : given, now);
      if (done.kind === "missing") return '["missing",null,null]';
      const record = textOf(get.get(JSON.stringify([given.id])), "record");
      return `["${done.kind}",${record},${"holder" in done ? JSON.stringify(done.holder) : null}]`;
    },
  };
}
