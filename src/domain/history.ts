// What happened to a job, entry by entry. Entries are written in the transaction of the change that they tell of.
import type { Json } from "./job.ts";
import type { LifecycleEvent, Phase, State } from "./lifecycle.ts";

/** `refused` is a control request that the lifecycle did not allow, kept so that its repetition gets the same answer. */
export type HistoryKind = "submit" | LifecycleEvent | "abandon" | "stall" | "edit" | "refused" | "repeated";

/** One entry of a job's history. `seq` counts from 1 for each job, without gaps. */
export interface HistoryEntry {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: HistoryKind;
  /** Who caused it: a caller's name, or `worker:<id>`, or `pawl`. */
  readonly actor: string;
  readonly reason: string | null;
  readonly attempt: number;
  /** Where the job stood after it. */
  readonly state: State;
  readonly phase: Phase;
  /**
   * More about it, by kind. Of a `claim` its `worker`, and `from` where the job was begun before: the last `checkpoint`, and
   * how much was `done`, in which `unit`, as it was told last, which after a crash may be more than the checkpoint holds.
   */
  readonly data: Json;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of a job's log. `seq` counts from 1 for each job; a gap at the beginning means that old lines were dropped. */
export interface LogLine {
  readonly seq: number;
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Json;
}
