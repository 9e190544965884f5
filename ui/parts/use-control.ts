// Asks something of a job, and tells what came of it.
import { useCallback } from "react";
import type { Action, JobSummary, StopOptions } from "../../src/client/index.ts";
import { announce } from "../data/announce.ts";
import { dropJobs, moment, putJobs } from "../data/job-cache.ts";
import { problemText } from "../data/problem.ts";
import { KEYS, queries, server } from "../data/server.ts";
import { ACTION_VIEWS } from "../state/actions.ts";

/** What a person said when asked. */
export interface Said {
  readonly reason?: string;
  /** Of a cancel or terminate. */
  readonly rollback?: boolean;
  /** Of a retry. */
  readonly from?: "checkpoint" | "start";
}

const ask = (id: string, action: Action, said: StopOptions & Said) => server[action](id, said);

/** Sends a request; announces a refusal, and answers whether it was taken. */
export function useControl(): (job: JobSummary, action: Action, said?: Said) => Promise<boolean> {
  return useCallback(async (job, action, said = {}) => {
    const askedAt = moment();
    try {
      const answer = await ask(job.id, action, said);
      putJobs([answer.job], askedAt);
      announce(
        `${ACTION_VIEWS[action].verb}: ${job.type} ${job.key ?? job.id} ${answer.outcome === "already" ? "was already so" : "is asked for"}.`,
      );
      return true;
    } catch (problem) {
      announce(`${ACTION_VIEWS[action].verb} was refused. ${problemText(problem)}`, "problem");
      void readAgain(job.id);
      return false;
    } finally {
      void queries.invalidateQueries({ queryKey: KEYS.job(job.id) });
    }
  }, []);
}

/** What was asked did not fit: the page shows something old, and may not hear of what is new. */
async function readAgain(id: string): Promise<void> {
  const askedAt = moment();
  const job = await server.get(id).catch(() => undefined);
  if (job) putJobs([job], askedAt);
  if (job === null) dropJobs([id]);
}
