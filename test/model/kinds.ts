// The kinds of jobs that runs submit: what the handlers are like, and what the model has to know of each.

/** How long a failed attempt waits for the next. */
export const RETRY_MS = 10_000;
/** How long a cancelled attempt may go on before it is shown as abandoned. */
export const GRACE_MS = 4_000;

/** `undoes`: entry by entry. `limit`: how many run at once at most. */
export const KINDS = {
  keeps: { canRollback: false, undoOnFailure: false, undoes: false, limit: null },
  plain: { canRollback: true, undoOnFailure: false, undoes: false, limit: null },
  careful: { canRollback: true, undoOnFailure: true, undoes: false, limit: null },
  journalled: { canRollback: true, undoOnFailure: false, undoes: true, limit: null },
  /** What schedules submit. */
  tick: { canRollback: false, undoOnFailure: false, undoes: false, limit: 1 },
} as const;
export type Kind = keyof typeof KINDS;
