// The small schemas that requests and replies are made of. Request fields are strict about size and characters,
// because what they let through is stored, shown and logged.
import { z } from "zod";
import type { Json } from "../domain/job.ts";
import { LIMITS } from "../domain/limits.ts";

/** Any JSON. It is passed on as it is. */
export const json = () => z.custom<Json>((value) => value !== undefined, "is missing");

/** A moment, as replies show it. */
export const time = () => z.iso.datetime();

/** Text on one line: no control characters, no line ends of Unicode, no halves of characters. */
const lineOrNothing = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, "must not contain control characters, line ends or halves of characters");
const line = (maxLength: number) => lineOrNothing(maxLength).min(1);

export const jobKey = () =>
  line(LIMITS.keyLength).describe("A handle of the caller's choice, unique among unfinished jobs.");
export const reason = () => line(LIMITS.reasonLength).describe("Why. Kept in the job's history.");
export const requestId = () =>
  line(100).describe("Unique per job: when the request is sent again, it only repeats its answer.");
export const typeName = () => line(100);
export const queueName = () => line(LIMITS.queueLength);
export const labelFilter = () =>
  z
    .string()
    .max(400)
    .regex(/^[^:]+:/, "must have the form name:value")
    .describe("`name:value`");

const labelName = () =>
  z
    .string()
    .min(1)
    .max(LIMITS.labelNameLength)
    .regex(/^[A-Za-z0-9_./-]+$/, "must consist of letters, digits and _ . / -");

export const labels = () =>
  z
    .record(labelName(), lineOrNothing(LIMITS.labelValueLength))
    .refine((value) => Object.keys(value).length <= LIMITS.labels, `must be at most ${LIMITS.labels}`)
    .describe("Names and values to find the job by.");

/** A whole number in a query string. */
export const queryInteger = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(min).max(max));

/** `true` or `false` in a query string. */
export const queryFlag = () =>
  z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .pipe(z.boolean());

/** A query parameter that may be repeated, or hold several values with commas between them. */
export const queryList = <T extends z.ZodType<unknown, string>>(item: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((value) => (typeof value === "string" ? [value] : value).flatMap((part) => part.split(",")))
    .pipe(z.array(item).min(1).max(50));

/** Entries with a greater number only, and how many at most. */
export const afterAndLimit = (limits: { readonly default: number; readonly max: number }) => ({
  after: queryInteger(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("Only what has a greater `seq`. Pass the last one that you have to go on."),
  limit: queryInteger(1, limits.max).optional().describe(`At most this many. Default ${limits.default}.`),
});
