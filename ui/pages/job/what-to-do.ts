// What a person can do about a job that failed, by its error's code. What is not known here says it in its message.
import type { JobSummary } from "../../../src/client/index.ts";

const HINTS: Readonly<Record<string, string>> = {
  crash_loop:
    "The process died again and again at the same place. Look at the last lines of the log, and at the memory of the machine.",
  timeout:
    "The attempt took longer than it may. Give it more time with “Run again with changes”, or find out what it waits for.",
  stalled: "It made no checkpoint for longer than its type allows. The last lines of the log say what it was doing.",
  invalid_input: "The input does not fit. Correct it with “Run again with changes”.",
  unknown_job_type: "No running server knows this job type any more. Start one that does, then retry.",
  storage_full: "There is no space left. Free some, then retry.",
};

export function whatToDo({ error, allowedActions, progress, state }: JobSummary): readonly string[] {
  const hint = error === null ? undefined : HINTS[error.code];
  return [
    ...(hint === undefined ? [] : [hint]),
    ...(state === "rolled_back" ? ["What it had done is undone. Retry runs it again, from the start."] : []),
    ...(allowedActions.includes("retry") && state !== "rolled_back"
      ? [
          progress.done > 0
            ? "Retry goes on where it stopped, with fresh attempts."
            : "Retry runs it again, with fresh attempts.",
        ]
      : []),
    ...(allowedActions.includes("rollback")
      ? [
          state === "rollback_failed"
            ? "Roll back goes on undoing where it stopped."
            : "Roll back undoes what it has done.",
        ]
      : []),
  ];
}
