// The engine and the model side by side: whatever is done is done to both, and they are compared each time.
import assert from "node:assert/strict";
import { PawlError, type Action, type JobSummary } from "../../src/index.ts";
import type { JobRecord } from "../../src/domain/job.ts";
import { judge, type ModelJob, isUnfinished, note } from "./model.ts";
import { DRAIN_MS, type EngineProcess, LEASE_MS, STEP_MS, startProcess } from "./process.ts";
import type { Order, Puppet } from "./puppets.ts";
import {
  addSchedule,
  ask,
  crash,
  drain,
  endDrain,
  holderOf,
  isStale,
  loseLease,
  type ModelAttempt,
  type NewModelJob,
  type NewModelSchedule,
  obey,
  obeyDraining,
  pass,
  pauseSchedule,
  queueOf,
  SCHEDULE_PRIORITY,
  SCHEDULE_QUEUE,
  settle,
  submit,
  type World,
} from "./world.ts";

export interface AskedOptions {
  readonly rollback?: boolean;
  readonly fromStart?: boolean;
  readonly requestId?: string;
}
