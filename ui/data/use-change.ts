// Changes something on the server, tells what came of it, and has what it changed read again.
import { useState } from "react";
import { announce } from "./announce.ts";
import { problemText } from "./problem.ts";
import { queries } from "./server.ts";

interface Change {
  readonly isBusy: boolean;
  /** Why the last one was not done: to be shown where a dialog lies over what is announced. */
  readonly problem: unknown;
  /** Answers whether it was done; `done` is announced then. */
  run(change: () => Promise<unknown>, done: string): Promise<boolean>;
}

export function useChange(queryKey: readonly string[]): Change {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  return {
    isBusy,
    problem,
    async run(change, done) {
      setBusy(true);
      setProblem(null);
      try {
        await change();
        announce(done);
        return true;
      } catch (failure) {
        setProblem(failure);
        announce(problemText(failure), "problem");
        return false;
      } finally {
        setBusy(false);
        void queries.invalidateQueries({ queryKey });
      }
    },
  };
}
