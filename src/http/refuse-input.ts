// Says what is wrong with a request, place by place, in words that do not depend on the schema library.
import type { z } from "zod";
import { type InputProblem, invalidRequest, type PawlError } from "../domain/errors.ts";

const PLACES = { path: "path", query: "query", body: "body" } as const;
/** More than these are not listed. */
const PROBLEMS_MAX = 20;

const pointerTo = (path: readonly PropertyKey[]) =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

function problemsOf(issue: z.core.$ZodIssue): InputProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), message: "is not known here" }));
  }
  const missing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  return [{ pointer: pointerTo(issue.path), message: missing ? "is missing" : issue.message }];
}

/** The error for a request part that its schema refused. */
export function refuseInput(place: keyof typeof PLACES, error: z.ZodError): PawlError {
  const problems = error.issues.flatMap(problemsOf).slice(0, PROBLEMS_MAX);
  const told = problems.map(({ pointer, message }) => `${pointer || "/"} ${message}`).join("; ");
  return invalidRequest(`The request's ${PLACES[place]} is not valid: ${told}.`, problems);
}
