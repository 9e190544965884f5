// What went wrong, in words for a person.
import { PawlError } from "../../src/client/index.ts";

/** One or more sentences. */
export function problemText(problem: unknown): string {
  if (problem instanceof PawlError) return problem.message;
  return problem instanceof Error ? problem.message : String(problem);
}

/** Whether the server wants a credential that was not shown, or no longer holds. */
export const isUnauthenticated = (problem: unknown): boolean =>
  problem instanceof PawlError && problem.code === "unauthenticated";
