// Every error reply: RFC 9457 problem details, with the code that callers match.
import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "../domain/errors.ts";
import { ACTIONS, STATES } from "../domain/lifecycle.ts";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

export const problemSchema = z.object({
  type: z.string().describe("`urn:pawl:problem:` and the code."),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What happened, to which thing, and what to do."),
  code: z.enum(codes).describe("Stable: what programs match."),
  errors: z
    .array(z.object({ pointer: z.string().describe("JSON pointer to the place."), message: z.string() }))
    .optional()
    .describe("What is wrong with the input, place by place."),
  state: z.enum(STATES).optional().describe("The job's state, when it does not allow what was asked."),
  allowedActions: z.array(z.enum(ACTIONS)).optional().describe("What the state allows."),
  holder: z.string().optional().describe("The id of the job that holds the key or the exclusive group."),
  correlationId: z.string().optional().describe("Of an internal error: find it in the server's log."),
});
export type Problem = z.output<typeof problemSchema>;

/** The members that every problem of a code has in common. */
export const problemHead = (code: ErrorCode) => ({
  type: `urn:pawl:problem:${code}`,
  title: ERROR_CODES[code].title,
  status: ERROR_CODES[code].status,
});
