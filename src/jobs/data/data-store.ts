// What the shipped job types keep: datasets with their imports and rows, and teams. One interface over two databases, whose
// folders have the same files. Invariant: what an import changes, it changes in a transaction of `target` only, and its
// counts in the same one as its rows; so a picture of the counts is a picture of the rows.
import type { EffectsTarget, RecordSource } from "../../index.ts";
import type { DatasetCatalog } from "../../ports/datasets.ts";
import type { Team, TeamCatalog } from "../../ports/teams.ts";
import type { DatasetShape, PlannedRow, Reject } from "../import-plan.ts";

export interface DataStore {
  /** For `job.effects` and `batch.commit`, whose callbacks get what changes imports. */
  readonly target: EffectsTarget<ImportWriter>;
  readonly imports: ImportReader;
  readonly reader: DatasetReader;
  readonly teams: Teams;
  /** What the HTTP API shows of datasets. */
  readonly catalog: DatasetCatalog;
  /** May come twice. Jobs that use the store must have stopped. */
  close(): Promise<void>;
}

/** SQLite answers at once, within its transaction; PostgreSQL answers later. */
export type Answer<T> = T | Promise<T>;

/** An import as it stands. */
export interface ImportState {
  readonly id: number;
  readonly run: number;
  /** Records in the file. */
  readonly total: number;
  readonly rows: number;
  readonly rejected: number;
}

export interface NewImport {
  readonly jobId: string;
  readonly run: number;
  readonly dataset: string;
  readonly shape: DatasetShape;
  readonly total: number;
}

export interface ImportBatch {
  readonly importId: number;
  readonly rows: readonly PlannedRow[];
  readonly rejects: readonly Reject[];
  /** Rejects that the whole import may have. */
  readonly maxRejected: number;
}

/** Belongs to one transaction. */
export interface ImportWriter {
  /** Enters the import, and its dataset when it is the first one there. */
  begin(start: NewImport): Answer<ImportState>;
  /** Adds rows and rejects behind those that are there. `PermanentError` of code `row_rejected` when these are too many. */
  add(batch: ImportBatch): Answer<void>;
  finish(importId: number): Answer<void>;
  /**
   * Removes the last few thousand rows or rejects of the job's import, at the end the import itself, and with the last
   * import its dataset. Answers how many are left; 0 when nothing of the job is there any more.
   */
  removeSome(jobId: string): Answer<number>;
}

/** What is committed. */
export interface ImportReader {
  /** `null` when there is no such dataset. */
  shapeOf(dataset: string): Promise<DatasetShape | null>;
  /** `null` before `begin`, and after everything was removed. */
  find(jobId: string): Promise<ImportState | null>;
  /** Rejects with a number greater than `after`, in order. */
  rejects(importId: number, page: { readonly after: number; readonly limit: number }): Promise<readonly Reject[]>;
}

/** What a dataset held at one moment: its imports, and how many rows of each. Small enough for a checkpoint. */
export interface DatasetPicture {
  readonly imports: readonly { readonly id: number; readonly rows: number }[];
  readonly rows: number;
  /** Imports among them that were not finished. */
  readonly unfinished: number;
  /** Rows to hold in memory at once, so that wide rows do not fill it. */
  readonly rowsAtOnce: number;
}

/** Days as YYYY-MM-DD, both included. */
export interface DayRange {
  readonly from?: string;
  readonly to?: string;
}

export interface DatasetReader {
  /** `null` when there is no such dataset. */
  picture(dataset: string): Promise<DatasetPicture | null>;
  /**
   * The values of each row of the picture, in the order of the dataset's columns. Rows without a day are in no range.
   * Fails with a `PermanentError` of code `dataset_changed` when rows of the picture were removed meanwhile.
   */
  rows(picture: DatasetPicture, range?: DayRange): RecordSource<readonly string[]>;
}

/** Which row of which job a team is made from. */
export interface TeamOrigin {
  readonly jobId: string;
  /** The line of the file that the row begins in. */
  readonly line: number;
}

/**
 * The teams, as another system would keep them: each is created and removed by a call of its own, durable by itself, in no
 * transaction with the job's checkpoints. A call can be repeated: the same row of the same job is one team.
 */
export interface Teams extends TeamCatalog {
  /** Fails with a `PermanentError` of code `name_taken` that says who has the name. */
  create(origin: TeamOrigin, team: { readonly name: string; readonly values: Team["values"] }): Promise<void>;
  /** Removes the team that was made from this row, if it is there. */
  remove(origin: TeamOrigin): Promise<void>;
}
