// Why a job was not started, above the form: what no field is named by, and where to look for the rest.
import { Link } from "@tanstack/react-router";
import { PawlError } from "../../../src/client/index.ts";
import { plural } from "../../format/number.ts";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import type { Placed } from "./mistakes.ts";

interface FormProblemProps {
  readonly placed: Placed;
  /** What the server answered, where it is more than mistakes in fields. */
  readonly problem: unknown;
}

export function FormProblem({ placed: { at, rest }, problem }: FormProblemProps) {
  if (problem !== undefined) {
    const holder = problem instanceof PawlError ? problem.extras.holder : undefined;
    return (
      <div tabIndex={-1} data-problem>
        <ProblemNotice problem={problem} what="The job was not started.">
          {holder !== undefined && (
            <Link to="/jobs/$id" params={{ id: holder }} className="font-medium text-failed underline">
              Look at that job
            </Link>
          )}
        </ProblemNotice>
      </div>
    );
  }
  if (at.size === 0 && rest.length === 0) return null;
  return (
    <div
      role="alert"
      tabIndex={-1}
      data-problem
      className="rounded border border-failed bg-failed-tint p-3 text-failed text-sm"
    >
      <p className="m-0 font-semibold">
        The job was not started{at.size > 0 ? `: ${plural(at.size, "field")} to correct` : ""}.
      </p>
      {rest.map((text) => (
        <p key={text} className="m-0 break-words">
          {text}
        </p>
      ))}
    </div>
  );
}
