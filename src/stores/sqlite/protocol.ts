// What the main thread and the store's threads say to each other: small arrays of strings and numbers, because cloning
// anything richer costs more than the statement that it is for. Times travel with the message: threads have no clock.
import type { ErrorCode } from "../../domain/errors.ts";

export type Argument = string | number | null;

/** One operation to run. */
export interface Call {
  readonly id: number;
  readonly operation: string;
  readonly args: readonly Argument[];
}

/** Calls that go together. `now` is wall time, `monotonic` a clock that nobody sets; both in whole ms. */
export interface Request {
  readonly now: number;
  readonly monotonic: number;
  readonly calls: readonly Call[];
}

/** The answers of one transaction. A failure brings its code and message. */
export type Reply =
  | readonly [id: number, ok: true, answer: string]
  | readonly [id: number, ok: false, code: ErrorCode, message: string];

/** What a thread says after a transaction. */
export interface Answers {
  readonly replies: readonly Reply[];
  /** A lease has ended that a claim waits for: there may be work. */
  readonly released: boolean;
}

/** The first thing that a thread says. */
export type Opened =
  | { readonly opened: true }
  | { readonly opened: false; readonly code: ErrorCode; readonly message: string };

export interface ThreadOptions {
  readonly path: string;
  readonly role: "writer" | "reader" | "guest";
}

/** When an operation happens. */
export interface Moment {
  readonly now: number;
  readonly monotonic: number;
}
