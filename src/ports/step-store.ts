// What a job remembers besides its cursor: results of steps, and the journal of what it did.
// Every write is fenced by the attempt's lease, and counts as progress: it resets `crashCount`.
import type { Json } from "../domain/job.ts";
import type { LeaseRef } from "./lease-store.ts";

/** A step's remembered result. */
export interface Step {
  readonly name: string;
  readonly result: Json;
}

/** Results of steps, by the job's run and phase: a start from the beginning forgets them, and so does entering a rollback. */
export interface StepStore {
  /** Remembers a result, durably. A step that is remembered already keeps its first result. `false`: the lease is lost. */
  saveStep(lease: LeaseRef, step: Step): Promise<boolean>;
  /** Those of the job's present run and phase, in the order in which they were remembered. */
  steps(jobId: string): Promise<readonly Step[]>;
}

/** An entry of a job's journal. `seq` counts from 1 for each job, over all its runs. */
export interface JournalEntry {
  readonly seq: number;
  readonly entry: Json;
}

/** What a job did, written down before it does it, so that it can be undone. Goes when the job is deleted. */
export interface JournalStore {
  /** Appends entries in order, all or none, durably. `false`: the lease is lost, nothing was written. */
  append(lease: LeaseRef, entries: readonly Json[]): Promise<boolean>;
  /** The newest entries that are not undone yet, newest first. */
  newest(jobId: string, options: { readonly limit: number }): Promise<readonly JournalEntry[]>;
  /** How many entries are not undone yet. Without reading them. */
  size(jobId: string): Promise<number>;
  /** Removes entries that were undone. `false`: the lease is lost, nothing was written. */
  remove(lease: LeaseRef, seqs: readonly number[]): Promise<boolean>;
}
