// Engines that are broken on purpose, as data: what to replace where, what promise that breaks, and which tests have to
// notice. A text that is not found exactly once is an error: who moves it mends the list.

export interface Edit {
  /** From the root of the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Tests that have to fail: a file, or those of it whose name begins like this. */
export interface Catcher {
  readonly file: string;
  readonly named?: string;
}

export interface Mutant {
  readonly name: string;
  readonly breaks: string;
  readonly edits: readonly Edit[];
  readonly caughtBy: readonly Catcher[];
}

const MODEL: Catcher = { file: "test/model/lifecycle.test.ts" };
const contract = (suite: string): Catcher => ({
  file: "test/contract/sqlite.test.ts",
  named: `SQLite in memory ${suite}`,
});
const engine = (name: string, named?: string): Catcher => ({ file: `test/engine/${name}.test.ts`, named });

const SQLITE = "src/stores/sqlite";
const UNFENCED = "jsonb_each(?1) AS p CROSS JOIN jobs AS j ON j.id = p.value ->> 0";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "checkpoint without token",
    breaks: "a stale attempt moves the job's place",
    edits: [
      {
        file: `${SQLITE}/queries/attempts.ts`,
        find: `p.value ->> 5 AS progress\n    FROM \${HELD_JOB}`,
        replace: `p.value ->> 5 AS progress\n    FROM ${UNFENCED}`,
      },
    ],
    caughtBy: [contract("writes of an attempt")],
  },
  {
    name: "settle without token",
    breaks: "a stale attempt ends the job",
    edits: [
      {
        file: `${SQLITE}/queries/moves.ts`,
        find: `p.value ->> 14, p.value ->> 15\n  FROM \${HELD_JOB}`,
        replace: `p.value ->> 14, p.value ->> 15\n  FROM ${UNFENCED} WHERE true`,
      },
    ],
    caughtBy: [contract("settle"), MODEL],
  },
  {
    name: "checkpoint before the effect",
    breaks: "a crash skips the item that was under way",
    edits: [
      {
        file: "src/engine/iterate.ts",
        find: "          yield item;\n          finish(services, loop, held);\n          if (options.every === 1) await services.checkpoints.save();\n",
        replace:
          "          finish(services, loop, held);\n          await services.checkpoints.save();\n          yield item;\n",
      },
    ],
    caughtBy: [engine("recovery")],
  },
  {
    name: "effect before its journal entry",
    breaks: "a crash leaves an effect that nothing undoes",
    edits: [
      {
        file: "src/engine/journal.ts",
        find: "    await written;\n",
        replace: "",
      },
    ],
    caughtBy: [engine("journal")],
  },
  {
    name: "acknowledge before commit",
    breaks: "a kill loses what was acknowledged",
    edits: [
      {
        file: `${SQLITE}/transactor.ts`,
        find: "    begin: () => void beginStatement.run(),",
        replace: "    begin: () => void (db.isTransaction || beginStatement.run()),",
      },
      {
        file: `${SQLITE}/transactor.ts`,
        find: "      commitStatement.run();\n",
        replace: "      if (Math.random() < 0.02) commitStatement.run();\n",
      },
    ],
    caughtBy: [{ file: "test/contract/sqlite.test.ts", named: "SQLite, after a kill" }, MODEL],
  },
  {
    name: "pause lost with its worker",
    breaks: "an acknowledged pause does not survive a crash",
    edits: [
      {
        file: "src/domain/lifecycle.ts",
        find: `["pausing", "lost", [forward("paused")]`,
        replace: `["pausing", "lost", [forward("queued")]`,
      },
    ],
    caughtBy: [engine("recovery"), MODEL],
  },
  {
    name: "pause lost when the attempt stops",
    breaks: "a paused job goes on by itself",
    edits: [
      {
        file: "src/domain/lifecycle.ts",
        find: `["pausing", "halt", [forward("paused")]`,
        replace: `["pausing", "halt", [forward("queued")]`,
      },
    ],
    caughtBy: [MODEL],
  },
  {
    name: "cancelled job is retried",
    breaks: "a failure undoes an acknowledged cancel",
    edits: [
      {
        file: "src/domain/lifecycle.ts",
        find: `["cancelling", "fail", undoOr("cancelled")`,
        replace: `["cancelling", "fail", failure("queued")`,
      },
    ],
    caughtBy: [MODEL],
  },
  {
    name: "a rollback begins at the forward checkpoint",
    breaks: "what is undone is not what was done",
    edits: [
      {
        file: `${SQLITE}/queries/moves.ts`,
        find: `const FORGETS = \`(\${ENTERS_ROLLBACK} OR \${STARTS_ANEW})\`;`,
        replace: "const FORGETS = STARTS_ANEW;",
      },
    ],
    caughtBy: [MODEL],
  },
  {
    name: "the number of a checkpoint may fall",
    breaks: "a late checkpoint puts the job back",
    edits: [
      {
        file: `${SQLITE}/queries/attempts.ts`,
        find: "SET seq = max(jobs.seq, t.seq),\n    cursor = iif(t.seq > jobs.seq, t.cursor, jobs.cursor),",
        replace: "SET seq = t.seq, cursor = t.cursor,",
      },
    ],
    caughtBy: [contract("writes of an attempt")],
  },
  {
    name: "reaper by age",
    breaks: "a job that runs for long is run twice",
    edits: [
      {
        file: `${SQLITE}/queries/moves.ts`,
        find: "WHERE j.worker_id IS NOT NULL AND coalesce(w.alive, 0) = 0",
        replace: "WHERE j.worker_id IS NOT NULL AND (coalesce(w.alive, 0) = 0 OR ?1 - j.claimed_at > 20000)",
      },
    ],
    caughtBy: [MODEL],
  },
  {
    name: "steps are run again",
    breaks: "what was done once is done twice",
    edits: [
      {
        file: "src/engine/steps.ts",
        find: "    if (known) return known.result;\n",
        replace: "",
      },
    ],
    caughtBy: [engine("steps"), MODEL],
  },
  {
    name: "oldest entry undone first",
    breaks: "what builds on something else outlives it",
    edits: [
      {
        file: `${SQLITE}/queries/memory.ts`,
        find: "ORDER BY e.seq DESC",
        replace: "ORDER BY e.seq",
      },
    ],
    caughtBy: [contract("journal"), engine("journal"), MODEL],
  },
  {
    name: "a firing is not recorded",
    breaks: "a schedule fires twice after a restart",
    edits: [
      {
        file: `${SQLITE}/schedules.ts`,
        find: `    record(firing, now, "fired", jobId);\n`,
        replace: "",
      },
    ],
    caughtBy: [engine("schedules"), MODEL],
  },
  {
    name: "a queue runs one too many",
    breaks: "a queue's limit does not hold",
    edits: [
      {
        file: `${SQLITE}/room.ts`,
        find: "concurrency === null ? ANY : concurrency - leased",
        replace: "concurrency === null ? ANY : concurrency + 1 - leased",
      },
    ],
    caughtBy: [contract("claim with limits"), MODEL],
  },
  {
    name: "crashes are never forgotten",
    breaks: "a job that gets on fails as a crash loop",
    edits: [
      {
        file: `${SQLITE}/queries/attempts.ts`,
        find: "crash_count = iif(t.seq > jobs.seq, 0, jobs.crash_count)",
        replace: "crash_count = jobs.crash_count",
      },
    ],
    caughtBy: [engine("recovery"), MODEL],
  },
  {
    name: "key taken without asking",
    breaks: "a retry does not say who holds its key",
    edits: [
      {
        file: `${SQLITE}/moves.ts`,
        find: `    const key = textOrNull(row, "key_holder");`,
        replace: "    const key: string | null = null;",
      },
    ],
    caughtBy: [contract("keys and groups"), MODEL],
  },
  {
    name: "a rollback lets its key go",
    breaks: "another job of the same key begins while the first is still being undone",
    edits: [
      {
        file: `${SQLITE}/migrations/0001-jobs.ts`,
        find: "ON jobs (key) WHERE key IS NOT NULL AND finished_at IS NULL",
        replace: "ON jobs (key) WHERE key IS NOT NULL AND finished_at IS NULL AND phase = 'forward'",
      },
    ],
    caughtBy: [contract("keys and groups"), MODEL],
  },
  {
    name: "running jobs are edited",
    breaks: "what a worker holds is written over",
    edits: [
      {
        file: `${SQLITE}/queries/edits.ts`,
        find: "state IN ('queued', 'paused') AS editable",
        replace: "finished_at IS NULL AS editable",
      },
      {
        file: `${SQLITE}/queries/edits.ts`,
        find: "event_seq = event_seq + 1\n  WHERE n = :job AND state IN ('queued', 'paused')",
        replace: "event_seq = event_seq + 1\n  WHERE n = :job",
      },
    ],
    caughtBy: [contract("edit"), engine("edit"), MODEL],
  },
  {
    name: "half a batch is stored",
    breaks: "jobs that were submitted together are not all or none",
    edits: [
      {
        file: `${SQLITE}/submits.ts`,
        find: "    else db.exec(sql.ROLL_BACK);\n",
        replace: "",
      },
    ],
    caughtBy: [contract("insert together"), engine("submit-once")],
  },
  {
    name: "idempotency key ignored",
    breaks: "a repeated submit makes a second job",
    edits: [
      {
        file: `${SQLITE}/submits.ts`,
        find: "const replayed = once && replay(once, now);",
        replace: "const replayed = once && once.keepMs < 0 && replay(once, now);",
      },
    ],
    caughtBy: [contract("insert together"), engine("submit-once")],
  },
  {
    name: "request id ignored",
    breaks: "a replayed request acts again",
    edits: [
      {
        file: `${SQLITE}/moves.ts`,
        find: "    if (requestId === null) return null;\n",
        replace: '    if (requestId !== "") return null;\n',
      },
    ],
    caughtBy: [contract("control"), MODEL],
  },
  {
    name: "requests are not pushed",
    breaks: "a request reaches the running code at the next heartbeat only",
    edits: [
      {
        file: `${SQLITE}/jobs.ts`,
        find: `    notifier.publish({ kind: "control", workerId, jobId, token, action: control.action });\n`,
        replace: "",
      },
    ],
    caughtBy: [contract("notices"), MODEL],
  },
  {
    name: "a waiting job's undo is overlooked",
    breaks: "a cancelled job that waited for its time is undone at that time only",
    edits: [
      {
        file: `${SQLITE}/job-counts.ts`,
        find: "      if (from === to) return watcher.reordered(place);",
        replace: "      if (from === to) return;",
      },
    ],
    caughtBy: [MODEL],
  },
];
