// What a team says whose name another one has.
import { PermanentError } from "../../index.ts";
import { shown } from "../shown-text.ts";
import type { TeamOrigin } from "./data-store.ts";

export function nameTaken({ jobId, line }: TeamOrigin, name: string, holder: TeamOrigin): PermanentError {
  const where = holder.jobId === jobId ? `in line ${holder.line} of this file` : `by the job ${holder.jobId}`;
  return new PermanentError(
    `Line ${line} names the team ${shown(name)}, which was made ${where} already. Names are unique: correct that line.`,
    { code: "name_taken", details: { line, holder: { jobId: holder.jobId, line: holder.line } } },
  );
}

export const isSameOrigin = (one: TeamOrigin, other: TeamOrigin): boolean =>
  one.jobId === other.jobId && one.line === other.line;
