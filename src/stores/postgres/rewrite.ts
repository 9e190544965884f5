// Writes over a job that waits or is paused, for an edit and for a submit that is merged.
// Invariant: what a worker holds is not written over, nor the input of what has started: the row is locked and looked at.
import { integerOf, textOrNull } from "../sql/rows.ts";
import type { Row, Session } from "./database.ts";
import * as sql from "./queries/edits.ts";

/** What to write over a job; what is left out stays. Labels, inputs and secret fields are JSON texts. */
export interface Rewrite {
  readonly id: string;
  readonly actor: string;
  readonly reason: string | null;
  /** For the history. */
  readonly data: object;
  readonly priority?: number;
  /** Epoch ms; `null`: it waits for nothing. */
  readonly availableAt?: number | null;
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
  /** With the columns of `queries.edited`. */
  | { readonly kind: "edited"; readonly row: Row | undefined }
  | { readonly kind: "refused" | "changed_meanwhile" }
  | { readonly kind: "missing" }
  | { readonly kind: "exclusive_group_taken"; readonly holder: string };

export async function rewrite(transaction: Session, given: Rewrite): Promise<Rewritten> {
  const { id, input, expectedInput = null } = given;
  const [row] = await transaction.run(sql.editable, id, expectedInput);
  if (row === undefined) return { kind: "missing" };
  if (row.editable !== true || (input && row.unstarted !== true)) return { kind: "refused" };
  if (row.expected !== true) return { kind: "changed_meanwhile" };
  const group = input?.exclusiveGroup ?? null;
  const holder = group === null ? null : textOrNull((await transaction.run(sql.groupHolder, id, group))[0], "id");
  if (holder !== null) return { kind: "exclusive_group_taken", holder };
  await apply(transaction, integerOf(row, "n"), given);
  return { kind: "edited", row: (await transaction.run(sql.edited, id))[0] };
}

async function apply(transaction: Session, job: number, given: Rewrite): Promise<void> {
  const { id, actor, reason, data, priority, availableAt, maxAttempts, labels, input } = given;
  const time = [availableAt ?? null, availableAt === null] as const;
  const values = [priority ?? null, ...time, maxAttempts ?? null, labels ?? null] as const;
  await transaction.run(sql.edit, id, ...values, actor, reason, JSON.stringify(data));
  if (labels !== undefined) {
    await transaction.run(sql.dropLabels, job);
    await transaction.run(sql.storeLabels, job, labels);
  }
  if (input) await replaceInput(transaction, id, input);
}

async function replaceInput(transaction: Session, id: string, input: NonNullable<Rewrite["input"]>): Promise<void> {
  const { text, exclusiveGroup, concurrencyKey, secretFields, fileIds } = input;
  await transaction.run(sql.editInput, id, text, exclusiveGroup, concurrencyKey, secretFields);
  const named = JSON.stringify(fileIds);
  for (const statement of [sql.leaveFiles, sql.useFiles, sql.giveBackFiles, sql.adoptFiles]) {
    await transaction.run(statement, id, named);
  }
}
