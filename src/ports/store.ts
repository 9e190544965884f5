// What the engine needs of a database, by role. Both databases implement it, and one contract suite runs on both.
// Three promises hold for every method: what it answers is committed; one refused member of a batch never fails the rest;
// and every write of an attempt counts only with the job's present worker and token (else it answers "lease lost").
// Time is the store's own: callers pass durations, never "now".
import type { PawlError } from "../domain/errors.ts";
import type { AuditStore, SessionStore, TokenStore } from "./access-store.ts";
import type { JobStore } from "./job-store.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { Notifier } from "./notifier.ts";
import type { QueueStore } from "./queue-store.ts";
import type { FileIndex, HistoryStore, LogStore } from "./record-stores.ts";
import type { RetentionStore } from "./retention-store.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import type { StatsStore } from "./stats-store.ts";
import type { JournalStore, StepStore } from "./step-store.ts";

export type * from "./access-store.ts";
export type * from "./job-store.ts";
export type * from "./lease-store.ts";
export type * from "./queue-store.ts";
export type * from "./record-stores.ts";
export type * from "./retention-store.ts";
export type * from "./schedule-store.ts";
export type * from "./stats-store.ts";
export type * from "./step-store.ts";

/** A database, whole. */
export interface Store {
  readonly jobs: JobStore;
  readonly leases: LeaseStore;
  readonly history: HistoryStore;
  readonly logs: LogStore;
  readonly files: FileIndex;
  readonly steps: StepStore;
  readonly journal: JournalStore;
  readonly queues: QueueStore;
  readonly schedules: ScheduleStore;
  readonly stats: StatsStore;
  readonly retention: RetentionStore;
  readonly tokens: TokenStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly notifier: Notifier;
  /**
   * What time it is by the clock that stored times come from, epoch ms: they are compared with this one, since the machine's
   * own clock may be another one, and wrong.
   */
  now(): number;
  /** How long a lease lasts without renewal, in ms. */
  readonly leaseMs: number;
  /** Resolves when the store is gone for good, and only another process can open it again. Never after `close`. */
  readonly lost: Promise<PawlError>;
  /** Rejects with `store_unavailable` when the database does not answer. */
  ping(): Promise<void>;
  /** Waits for what is under way, then closes. May come twice. */
  close(): Promise<void>;
}
