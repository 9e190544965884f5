// Says what is wrong with a request, place by place, in words that do not depend on the schema library.
import type { z } from "zod";
import { type InputProblem, invalidRequest, type PawlError } from "../domain/errors.ts";

type Part = "path" | "query" | "body";
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

/** What `schema` makes of a request's part. Throws `invalid_request` with the places that it refuses. */
export function readPart(part: Part, schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refuseInput(part, result.error);
}

function refuseInput(part: Part, error: z.ZodError): PawlError {
  const problems = error.issues.flatMap(problemsOf).slice(0, PROBLEMS_MAX);
  const told = problems.map(({ pointer, message }) => `${pointer || "/"} ${message}`).join("; ");
  return invalidRequest(`The request's ${part} is not valid: ${told}.`, problems);
}
