// What a trial can do to its two sides, the engine and the model, and what the parts of a trial share of them.
import type { Action } from "../../src/index.ts";
import type { Coverage } from "./coverage.ts";
import type { ModelJob } from "./model.ts";
import type { EngineProcess } from "./process.ts";
import type { Order } from "./puppets.ts";
import type { NewModelSchedule } from "./settling.ts";
import type { ModelAttempt, ModelSchedule, NewModelJob, World } from "./world.ts";

export interface AskedOptions {
  readonly rollback?: boolean;
  readonly fromStart?: boolean;
  /** A second request of the same id gets the answer of the first. */
  readonly requestId?: string;
}

/** What an attempt does while its process stops; `deaf`: nothing, until the process is gone. */
export type Farewell = "yield" | "succeed" | "fail" | "deaf";

/** What people and programs do. */
export interface Steering {
  /** Answers `null` when the key was taken. */
  submit(given: NewModelJob): Promise<ModelJob | null>;
  ask(job: ModelJob, action: Action, options?: AskedOptions): Promise<void>;
  edit(job: ModelJob, change: { readonly priority?: number; readonly delayMs?: number }): Promise<void>;
  remove(job: ModelJob, options: { readonly force: boolean }): Promise<void>;
  setQueue(name: string, change: { readonly paused?: boolean; readonly concurrency?: number | null }): Promise<void>;
  addSchedule(given: NewModelSchedule): Promise<void>;
  pauseSchedule(schedule: ModelSchedule, paused: boolean): Promise<void>;
  removeSchedule(schedule: ModelSchedule): Promise<void>;
}

/** What handlers do, and what befalls the process. */
export interface Faults {
  order(attempt: ModelAttempt, order: Order, options?: { readonly stubborn?: boolean }): Promise<void>;
  pass(ms: number): Promise<void>;
  loseLease(): Promise<void>;
  crash(downMs: number): Promise<void>;
  restart(farewells: readonly Farewell[]): Promise<void>;
}

/** Both sides, as the parts of a trial share them. */
export interface Sides {
  readonly world: World;
  readonly coverage: Coverage;
  /** Of the present process. */
  readonly engine: EngineProcess;
  compare(): Promise<void>;
  /** Starts the next process, whose clock begins at `startAt`. */
  startAgain(startAt: number): Promise<void>;
}
