// Reads what comes out of the database, and what came through a thread, into the domain's types.
// Invariant: the only place with casts, and each stands behind a check of what it claims.
import { type HistoryEntry, type HistoryKind, LOG_LEVELS, type LogLevel, type LogLine } from "../../domain/history.ts";
import type { ControlRequest, JobError, JobRecord, Json, StoredArtifact } from "../../domain/job.ts";
import {
  ACTIONS,
  type Action,
  OUTCOME_EVENTS,
  PHASES,
  type Phase,
  STATES,
  type State,
} from "../../domain/lifecycle.ts";
import { NO_PROGRESS, type Progress } from "../../domain/progress.ts";
import type { JobChange } from "../../ports/notifier.ts";
import type { FileEntry, JournalEntry, LeaseRef, ListedJob, ListQuery, Renewal, Step } from "../../ports/store.ts";

export type Row = Readonly<Record<string, unknown>>;

function unexpected(what: string, value: unknown): Error {
  return new Error(`The database holds an unexpected ${what}: ${JSON.stringify(value)}.`);
}

export function integerOrNull(row: Row | undefined, column: string): number | null {
  const value = row?.[column] ?? null;
  if (value === null || typeof value === "number") return value;
  throw unexpected(column, value);
}

export function integerOf(row: Row | undefined, column: string): number {
  const value = integerOrNull(row, column);
  if (value === null) throw unexpected(column, value);
  return value;
}

export function textOrNull(row: Row | undefined, column: string): string | null {
  const value = row?.[column] ?? null;
  if (value === null || typeof value === "string") return value;
  throw unexpected(column, value);
}

export function textOf(row: Row | undefined, column: string): string {
  const value = textOrNull(row, column);
  if (value === null) throw unexpected(column, value);
  return value;
}

const states: ReadonlySet<unknown> = new Set(STATES);
const phases: ReadonlySet<unknown> = new Set(PHASES);
const actions: ReadonlySet<unknown> = new Set(ACTIONS);
const otherKinds = ["submit", "claim", "lost", "abandon", "stall", "edit", "refused", "repeated"] as const;
const historyKinds: ReadonlySet<unknown> = new Set([...ACTIONS, ...OUTCOME_EVENTS, ...otherKinds]);
const logLevels: ReadonlySet<unknown> = new Set(LOG_LEVELS);

export function asState(value: unknown): State {
  if (!states.has(value)) throw unexpected("state", value);
  return value as State;
}

function asPhase(value: unknown): Phase {
  if (!phases.has(value)) throw unexpected("phase", value);
  return value as Phase;
}

function asAction(value: unknown): Action {
  if (!actions.has(value)) throw unexpected("action", value);
  return value as Action;
}

function asHistoryKind(value: unknown): HistoryKind {
  if (!historyKinds.has(value)) throw unexpected("kind", value);
  return value as HistoryKind;
}

function asLogLevel(value: unknown): LogLevel {
  if (!logLevels.has(value)) throw unexpected("level", value);
  return value as LogLevel;
}

export const stateOf = (row: Row, column: string): State => asState(row[column]);

/** Where a job stands, and the action of its last request. */
export function placeOf(row: Row): { readonly phase: Phase; readonly state: State; readonly last: Action | null } {
  const last = row.last ?? null;
  return { phase: asPhase(row.phase), state: asState(row.state), last: last === null ? null : asAction(last) };
}

export function parseArray(value: unknown, length?: number): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw unexpected("array", value);
  return value;
}

/** A JSON array of strings. */
export function parseTexts(text: string): readonly string[] {
  const values = parseArray(JSON.parse(text));
  if (!values.every((value) => typeof value === "string")) throw unexpected("list", values);
  return values as readonly string[];
}

const parsed = (text: unknown): Json => (typeof text === "string" ? JSON.parse(text) : null);

function parsedObject<T extends object>(text: unknown): T | null {
  const value = parsed(text);
  if (value === null) return null;
  if (typeof value !== "object") throw unexpected("object", value);
  return value as unknown as T;
}

/** Artifacts as a job's row keeps them. */
export const artifactsOf = (text: string | null): readonly StoredArtifact[] => {
  const value = parsed(text);
  return value === null ? [] : (parseArray(value) as readonly StoredArtifact[]);
};

function errorOf(text: unknown): JobError | null {
  const error = parsedObject<Omit<JobError, "details"> & { readonly details: string | null }>(text);
  return error && { ...error, details: parsed(error.details) };
}

const controlOf = (text: unknown): ControlRequest | null => parsedObject<ControlRequest>(text);

/** The fields of `queries.LISTED`, in its order. */
type ListedRow = readonly [
  id: string,
  type: string,
  queue: string,
  key: string | null,
  exclusiveGroup: string | null,
  priority: number,
  labels: string | null,
  error: string | null,
  state: string,
  phase: string,
  run: number,
  token: number,
  attempt: number,
  maxAttempts: number,
  crashCount: number,
  canRollback: number,
  rollbackOnFailure: number,
  control: string | null,
  seq: number,
  cursor: string | null,
  savedAt: number | null,
  progress: string | null,
  artifacts: string | null,
  abandoned: number,
  workerId: string | null,
  createdAt: number,
  availableAt: number,
  startedAt: number | null,
  claimedAt: number | null,
  finishedAt: number | null,
  runningMs: number,
  timeoutMs: number | null,
  concurrencyKey: string | null,
  secretFields: string | null,
  stalled: number,
];
const LISTED_LENGTH = 35;

function listedOf(row: ListedRow): ListedJob {
  return {
    id: row[0],
    type: row[1],
    queue: row[2],
    key: row[3],
    exclusiveGroup: row[4],
    priority: row[5],
    labels: parsedObject<Readonly<Record<string, string>>>(row[6]) ?? {},
    error: errorOf(row[7]),
    state: asState(row[8]),
    phase: asPhase(row[9]),
    run: row[10],
    token: row[11],
    attempt: row[12],
    maxAttempts: row[13],
    crashCount: row[14],
    canRollback: row[15] === 1,
    rollbackOnFailure: row[16] === 1,
    control: controlOf(row[17]),
    checkpoint: { seq: row[18], cursor: parsed(row[19]), savedAt: row[20] },
    progress: parsedObject<Progress>(row[21]) ?? NO_PROGRESS,
    artifacts: artifactsOf(row[22]),
    abandoned: row[23] === 1,
    workerId: row[24],
    createdAt: row[25],
    availableAt: row[26],
    startedAt: row[27],
    claimedAt: row[28],
    finishedAt: row[29],
    runningMs: row[30],
    timeoutMs: row[31],
    concurrencyKey: row[32],
    secretFields: row[33] === null ? [] : parseTexts(row[33]),
    stalled: row[34] === 1,
  };
}

/** A job from the JSON array that `queries.LISTED` builds. */
export const listedJobOf = (value: unknown): ListedJob => listedOf(parseArray(value, LISTED_LENGTH) as ListedRow);

/** A job from the JSON array that `queries.RECORD` builds: the same fields, then input and output. */
export function jobRecordOf(value: unknown): JobRecord {
  const row = parseArray(value, LISTED_LENGTH + 2) as readonly [
    ...ListedRow,
    input: string | null,
    output: string | null,
  ];
  return {
    ...listedOf(row as unknown as ListedRow),
    input: parsed(row[LISTED_LENGTH]),
    output: parsed(row[LISTED_LENGTH + 1]),
  };
}

/** A changed job from `queries.CHANGE`. */
export function jobChangeOf(value: unknown): JobChange {
  const [id, type, queue, state, phase] = parseArray(value, 5);
  return { id: String(id), type: String(type), queue: String(queue), state: asState(state), phase: asPhase(phase) };
}

/** A request that waits for a worker, from `queries.renewRequests`. */
export function heldRequestOf(value: unknown): Renewal["requests"][number] {
  const [jobId, token, action] = parseArray(value, 3);
  return { jobId: String(jobId), token: Number(token), action: asAction(action) };
}

/** A job that a worker holds, from `queries.held`. */
export function leaseRefOf(value: unknown, workerId: string): LeaseRef {
  const [id, token] = parseArray(value, 2);
  return { id: String(id), workerId, token: Number(token) };
}

/** A job that moved, from `queries.movedJobs`. */
export interface MovedJob extends JobChange {
  readonly position: number;
  readonly availableAt: number;
}

export function movedJobOf(value: unknown): MovedJob {
  const [position, id, type, queue, state, phase, availableAt] = parseArray(value, 7);
  const change = jobChangeOf([id, type, queue, state, phase]);
  return { ...change, position: Number(position), availableAt: Number(availableAt) };
}

export const movedJobsOf = (text: string): readonly MovedJob[] => parseArray(JSON.parse(text)).map(movedJobOf);

export function historyEntryOf(value: unknown): HistoryEntry {
  const [seq, at, kind, actor, reason, attempt, state, phase, data] = parseArray(value, 9);
  const by = String(actor);
  return {
    seq: Number(seq),
    at: Number(at),
    kind: asHistoryKind(kind),
    actor: by,
    reason: reason === null ? null : String(reason),
    attempt: Number(attempt),
    state: asState(state),
    phase: asPhase(phase),
    data: kind === "claim" ? claimDataOf(by, data) : parsed(data),
  };
}

/** A claim's worker is its actor, which is not stored twice; what is stored is the place from which the job goes on. */
function claimDataOf(actor: string, place: unknown): Json {
  const worker = actor.replace(/^worker:/, "");
  return place === null ? { worker } : { worker, from: parsed(place) };
}

export function logLineOf(value: unknown): LogLine {
  const [seq, at, level, message, fields] = parseArray(value, 5);
  return {
    seq: Number(seq),
    at: Number(at),
    level: asLogLevel(level),
    message: String(message),
    fields: parsed(fields),
  };
}

/** A remembered step, from `queries.steps`. */
export function stepOf(value: unknown): Step {
  const [name, result] = parseArray(value, 2);
  return { name: String(name), result: parsed(result) };
}

/** An entry of a job's journal, from `queries.newestEntries`. */
export function journalEntryOf(value: unknown): JournalEntry {
  const [seq, entry] = parseArray(value, 2);
  return { seq: Number(seq), entry: parsed(entry) };
}

export function fileEntryOf(value: unknown): FileEntry {
  const [id, jobId, kind, name, mediaType, size, sha256, createdAt] = parseArray(value, 8);
  return {
    id: String(id),
    jobId: jobId === null ? null : String(jobId),
    kind: kind === "artifact" ? "artifact" : "upload",
    name: String(name),
    mediaType: String(mediaType),
    size: Number(size),
    sha256: String(sha256),
    createdAt: Number(createdAt),
  };
}

type FileArguments = [string, string | null, string, string, string, number, string, number];

/** The values of `queries.insertFile`, from the JSON of a file entry. */
export function fileArguments(text: string, now: number): FileArguments {
  const file: Omit<FileEntry, "createdAt"> = JSON.parse(text);
  return [file.id, file.jobId, file.kind, file.name, file.mediaType, file.size, file.sha256, now];
}

/** A request as `queries.control` takes it. */
export interface ControlArguments {
  readonly id: string;
  readonly action: Action;
  readonly actor: string;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly rollback: 0 | 1 | null;
  readonly fromStart: 0 | 1;
  readonly phase: Phase | null;
}

export const controlArgumentsOf = (text: string): ControlArguments => {
  const value: ControlArguments = JSON.parse(text);
  return { ...value, action: asAction(value.action) };
};

export type ListArguments = ListQuery;

export const listArgumentsOf = (text: string): ListArguments => JSON.parse(text);

/** The changes that a statement returned, as one JSON array. */
export const changesOf = (rows: readonly Readonly<Record<string, unknown>>[]): string =>
  `[${rows.map((row) => textOf(row, "change")).join()}]`;
