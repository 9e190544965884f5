// Builds what a handler gets from the parts of its attempt. Everything that most handlers never touch is made at first use:
// a job that does nothing must cost next to nothing.
import { PermanentError } from "../domain/interruption.ts";
import { findNonJson, type Json } from "../domain/json.ts";
import type { Clock } from "../ports/clock.ts";
import type { EffectsTarget } from "../ports/effects.ts";
import type { ReadableFile, RecordSource } from "../ports/record-source.ts";
import type { CheckpointWrite, JournalStore, ProgressWrite, StepStore } from "../ports/store.ts";
import { type AttemptArtifacts, createAttemptArtifacts } from "./artifacts.ts";
import type { Attempt } from "./attempt.ts";
import { type Checkpoints, createCheckpoints } from "./checkpoints.ts";
import { createTargetSessions, type TargetSessions } from "./effects.ts";
import { createHandlerCalls, type HandlerCalls } from "./handler-calls.ts";
import { createLoops } from "./iterate.ts";
import type { Batch, BatchOptions, IterateOptions, JobContext } from "./job-context.ts";
import type { JobLogs } from "./job-log.ts";
import { createJournal } from "./journal.ts";
import { type AttemptFileServices, type AttemptFiles, createPatientFiles } from "./patient-files.ts";
import { type AttemptProgress, createAttemptProgress } from "./progress-reporter.ts";
import { createSleep } from "./sleep.ts";
import { createStepMemory } from "./step-memory.ts";
import { createStep } from "./steps.ts";

/** What every attempt of a process shares. */
export interface AttemptServices extends AttemptFileServices {
  readonly steps: StepStore;
  readonly journal: JournalStore;
  readonly logs: JobLogs;
  /** Answers `false` when the lease is lost. */
  readonly writeCheckpoint: (checkpoint: CheckpointWrite) => Promise<boolean>;
  /** Never rejects. */
  readonly reportProgress: (progress: ProgressWrite) => void;
}

/** A handler's context, and what the attempt needs of it when the handler has ended. */
export interface ContextParts {
  readonly context: JobContext;
  readonly checkpoints: Checkpoints;
  readonly progress: AttemptProgress;
  readonly artifacts: () => AttemptArtifacts | null;
  readonly calls: HandlerCalls;
}

export function createJobContext(attempt: Attempt, input: unknown, services: AttemptServices): ContextParts {
  const { record, lease } = attempt;
  const { clock } = services;
  const progress = createAttemptProgress({
    initial: record.progress,
    clock,
    scrubber: () => attempt.scrubber,
    report: (current) => services.reportProgress({ ...lease, progress: current }),
  });
  const storedFiles = lazy(() => createPatientFiles(attempt, services));
  let artifacts: AttemptArtifacts | null = null;
  const needArtifacts = () => {
    artifacts ??= createAttemptArtifacts({ attempt, storedFiles: storedFiles() });
    return artifacts;
  };
  const checkpoints = createCheckpoints({
    attempt,
    progress,
    artifacts: () => artifacts,
    write: services.writeCheckpoint,
    clock,
    logger: services.logger,
  });
  const calls = createHandlerCalls();
  const parts = { attempt, services, storedFiles, checkpoints, progress, artifacts: () => artifacts, calls };
  const checkpoint = async (cursor?: Json) => {
    refuseNonJson("checkpoint: the cursor", cursor);
    artifacts?.capture();
    attempt.position.setOwn(cursor === undefined ? attempt.position.place.own : cursor);
    attempt.throwIfInterrupted();
    await checkpoints.save();
    attempt.throwIfInterrupted();
  };
  const log = lazy(() => services.logs.of(lease, attempt.scrubber));
  const context: JobContext = {
    id: record.id,
    type: record.type,
    key: record.key,
    labels: record.labels,
    input,
    phase: record.phase,
    run: record.run,
    attempt: record.attempt,
    createdAt: record.createdAt,
    get signal() {
      return attempt.signal;
    },
    get log() {
      return log();
    },
    progress: progress.reporter,
    get cursor() {
      return attempt.position.place.own;
    },
    checkpoint: (cursor) => calls.make("checkpoint", () => checkpoint(cursor)),
    artifact: (name, options) => calls.make("artifact", () => needArtifacts().open(name, options)),
    openFile: (id) => calls.make("openFile", () => openStoredFile(storedFiles(), id)),
    wait: (ms) => calls.make("wait", () => waitFor(attempt, clock, ms)),
    ...createLoopCalls(parts),
    ...createMemoryCalls(parts),
  };
  return { ...parts, context };
}

interface CallParts extends Omit<ContextParts, "context"> {
  readonly attempt: Attempt;
  readonly services: AttemptServices;
  readonly storedFiles: () => AttemptFiles;
}

/** Loops, and what they and the handler do in an author's own database. */
function createLoopCalls({
  attempt,
  services,
  storedFiles,
  calls,
  ...parts
}: CallParts): Pick<JobContext, "iterate" | "effects"> {
  const { clock } = services;
  const targets = lazy<TargetSessions>(() => createTargetSessions(attempt));
  const loops = lazy(() =>
    createLoops({
      ...parts,
      attempt,
      targets: targets(),
      source: { openFile: (id) => openStoredFile(storedFiles(), id) },
      monotonic: () => clock.monotonic(),
      wait: (ms) => waitFor(attempt, clock, ms),
    }),
  );

  function iterate<T>(source: RecordSource<T> | readonly T[], options: BatchOptions): AsyncIterable<Batch<T>>;
  function iterate<T>(source: RecordSource<T> | readonly T[], options?: IterateOptions): AsyncIterable<T>;
  function iterate<T>(source: RecordSource<T> | readonly T[], options: IterateOptions & Partial<BatchOptions> = {}) {
    return hasSize(options) ? loops().batches(source, options) : loops().items(source, options);
  }
  const effects = async <Tx, R>(target: EffectsTarget<Tx>, work: (tx: Tx) => R): Promise<Awaited<R>> => {
    const session = await targets().of(target);
    return session.commit(work);
  };
  return { iterate, effects: (target, work) => calls.make("effects", () => effects(target, work)) };
}

/** What a job remembers besides its place. */
function createMemoryCalls({
  attempt,
  services,
  checkpoints,
  calls,
}: CallParts): Pick<JobContext, "step" | "journal" | "sleep"> {
  const { clock } = services;
  const memory = lazy(() => createStepMemory({ attempt, ...services }));
  const step = lazy(() => createStep({ attempt, checkpoints, memory }));
  const sleep = lazy(() => createSleep({ attempt, memory, clock, wait: (ms) => waitFor(attempt, clock, ms) }));
  const journal = lazy(() => createJournal({ attempt, ...services }));
  return {
    step: (name, work) => calls.hold("step", () => step()(name, work)),
    journal: (entries) => calls.hold("journal", () => journal()(entries)),
    sleep: (name, ms) => calls.make("sleep", () => sleep()(name, ms)),
  };
}

/** Refused where it is said, and not when the attempt ends. */
function refuseNonJson(what: string, value: unknown): void {
  const wrong = findNonJson(value);
  if (wrong) throw new TypeError(`${what}${wrong.pointer}: ${wrong.message}.`);
}

function hasSize(options: IterateOptions & Partial<BatchOptions>): options is BatchOptions {
  return options.size !== undefined;
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Resolves after `ms`, or rejects with the interruption as soon as there is one. */
async function waitFor(attempt: Attempt, clock: Clock, ms: number): Promise<void> {
  if (!Number.isFinite(ms)) throw new RangeError(`job.wait: ${ms} is no time in ms.`);
  await new Promise<void>((resolve, reject) => {
    let cancelTimer = () => {};
    const forget = attempt.onInterrupt(() => {
      cancelTimer();
      reject(attempt.interruption);
    });
    if (attempt.interruption) return forget();
    cancelTimer = clock.after(Math.max(0, ms), () => {
      forget();
      resolve();
    });
  });
}

async function openStoredFile(storedFiles: AttemptFiles, id: string): Promise<ReadableFile> {
  const [entry] = await storedFiles.getFiles([id]);
  if (!entry)
    throw new PermanentError(`There is no stored file "${id}". Upload it, and use the id that the upload answers.`, {
      code: "file_not_found",
    });
  return { id, name: entry.name, size: entry.size, read: (start = 0) => storedFiles.read(id, { start }) };
}
