// Brings jobs to any place of the lifecycle through a store's port alone, for the contract suite.
// Invariant: every job gets a type and a worker of its own, so that cases can run side by side without meeting.
import type { JobRecord } from "../../domain/job.ts";
import type { Action, OutcomeEvent, Phase, State } from "../../domain/lifecycle.ts";
import type {
  ClaimableType,
  ControlResult,
  ControlWrite,
  LeaseRef,
  NewJob,
  Settlement,
  SettleResult,
  Store,
} from "../../ports/store.ts";

let made = 0;

/** A UUIDv7-shaped id, greater than all before it. */
export function newId(): string {
  made += 1;
  return `018f0000-0000-7000-8000-${made.toString(16).padStart(12, "0")}`;
}

/** A job to insert; everything that a test does not care for has a value. */
export function newJob(changes: Partial<NewJob> = {}): NewJob {
  return {
    id: newId(),
    type: "noop",
    queue: "default",
    key: null,
    exclusiveGroup: null,
    priority: 0,
    labels: {},
    input: null,
    maxAttempts: 3,
    canRollback: false,
    rollbackOnFailure: false,
    availableAt: null,
    actor: "tester",
    queueLimit: 1_000_000,
    fileIds: [],
    timeoutMs: null,
    concurrencyKey: null,
    secretFields: [],
    dedupe: null,
    ...changes,
  };
}

/** Types without limits, as a worker claims them. */
export function claimable(...names: readonly string[]): readonly ClaimableType[] {
  return names.map((name) => ({ name, concurrency: null, perKey: null }));
}

/** A request; everything that a test does not care for has a value. */
export function request(id: string, action: Action, changes: Partial<ControlWrite> = {}): ControlWrite {
  const rest = { actor: "tester", reason: null, requestId: null, rollback: null, fromStart: false, phase: null };
  return { id, action, ...rest, ...changes };
}

/** One job under test, and its worker. */
export interface Driver {
  readonly id: string;
  readonly workerId: string;
  /** The present record. */
  record(): Promise<JobRecord>;
  /** Claims the job; answers `null` when it was not to be had. */
  claim(): Promise<JobRecord | null>;
  /** Names the attempt that was claimed last. */
  lease(): LeaseRef;
  settle(event: OutcomeEvent, changes?: Partial<Settlement>): Promise<SettleResult>;
  control(action: Action, changes?: Partial<ControlWrite>): Promise<ControlResult>;
  /** Ends the worker's lease and settles its jobs as lost. */
  lose(crashLimit: number): Promise<void>;
}

export async function registerWorker(store: Store): Promise<string> {
  const id = newId();
  await store.leases.register({ id, host: "here", pid: 1, concurrency: 10, queues: null });
  return id;
}

const DEFAULT_FAILURE = { code: "error", message: "It broke.", details: null, retryInMs: null } as const;

/** Inserts a job and gives it a worker. */
export async function drive(store: Store, changes: Partial<NewJob> = {}): Promise<Driver> {
  const job = newJob({ type: `type-${newId()}`, ...changes });
  await store.jobs.insert([job]);
  const { id } = job;
  const workerId = await registerWorker(store);
  let token = 0;

  async function record(): Promise<JobRecord> {
    const [found] = await store.jobs.get([id]);
    if (!found) throw new Error(`Job ${id} is gone.`);
    return found;
  }

  const lease = (): LeaseRef => ({ id, workerId, token });
  return {
    id,
    workerId,
    record,
    lease,
    async claim() {
      const { jobs } = await store.jobs.claim({ workerId, types: claimable(job.type), limit: 1 });
      token = jobs[0]?.token ?? token;
      return jobs[0] ?? null;
    },
    async settle(event, settlement = {}) {
      const failure = event === "fail" ? DEFAULT_FAILURE : undefined;
      const [result] = await store.jobs.settle([{ ...lease(), event, failure, ...settlement }]);
      return result ?? null;
    },
    async control(action, write = {}) {
      const [result] = await store.jobs.control([request(id, action, write)]);
      if (!result) throw new Error("The store did not answer.");
      return result;
    },
    async lose(crashLimit) {
      await store.leases.retire(workerId);
      await store.leases.reap({ crashLimit });
    },
  };
}

/** What a job is like before the event that a case is about. */
export interface Traits {
  readonly canRollback: boolean;
  readonly rollbackOnFailure: boolean;
  readonly started: boolean;
  /** What the cancel or terminate that is under way said of undoing. */
  readonly choice: boolean;
  /** Whether the stop that is under way is a terminate. */
  readonly forced: boolean;
}

/** Whether a job with these traits can stand there at all. */
export function isReachable(phase: Phase, state: State, traits: Traits): boolean {
  if (phase === "rollback") {
    const final = state === "succeeded" || state === "failed" || state === "cancelled";
    // Only a terminate stops a rollback.
    return !final && traits.canRollback && traits.started && (state !== "cancelling" || traits.forced);
  }
  if (state === "rolled_back" || state === "rollback_failed") return false;
  if (state === "failed" && traits.canRollback && traits.rollbackOnFailure) return false;
  return traits.started || state === "queued" || state === "paused" || state === "cancelled";
}

/** Brings a new job there, by what really happens to jobs. */
export async function reach(store: Store, phase: Phase, state: State, traits: Traits): Promise<Driver> {
  const { canRollback, rollbackOnFailure } = traits;
  const driver = await drive(store, { canRollback, rollbackOnFailure, maxAttempts: 2 });
  if (phase === "rollback") {
    await driver.claim();
    await driver.control("cancel", { rollback: true });
    await driver.settle("halt");
  }
  if (phase === "forward" && !traits.started) await reachUnstarted(driver, state);
  else await reachStarted(driver, state, traits);
  return driver;
}

async function reachUnstarted(driver: Driver, state: State): Promise<void> {
  if (state === "paused") await driver.control("pause");
  if (state === "cancelled") await driver.control("cancel", { rollback: false });
}

async function reachStarted(driver: Driver, state: State, traits: Traits): Promise<void> {
  await driver.claim();
  switch (state) {
    case "running":
      return;
    case "queued":
      await driver.settle("halt");
      return;
    case "pausing":
      await driver.control("pause");
      return;
    case "paused":
      await driver.control("pause");
      await driver.settle("halt");
      return;
    case "cancelling":
      await driver.control(traits.forced ? "terminate" : "cancel", { rollback: traits.choice });
      return;
    case "cancelled":
      await driver.control("cancel", { rollback: false });
      await driver.settle("halt");
      return;
    case "succeeded":
    case "rolled_back":
      await driver.settle("succeed");
      return;
    case "failed":
    case "rollback_failed":
      await driver.settle("fail");
      return;
  }
}
