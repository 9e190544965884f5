// What a job left behind, as replies show it: history entries and log lines, with times as ISO 8601.
import { z } from "zod";
import { type HistoryEntry, LOG_LEVELS, type LogLine } from "../domain/history.ts";
import { PHASES, STATES } from "../domain/lifecycle.ts";
import { afterAndLimit, json, time } from "./fields.ts";

export type HistoryEntryView = Omit<HistoryEntry, "at"> & { readonly at: string };
export type LogLineView = Omit<LogLine, "at"> & { readonly at: string };

/** Some entries. `nextAfter` is `null` when there are no more for now. */
export interface RecordPage<T> {
  readonly items: readonly T[];
  readonly nextAfter: number | null;
}

export const RECORDS_LIMIT = { default: 200, max: 1_000 };

export const recordsQuery = z.strictObject(afterAndLimit(RECORDS_LIMIT));

/** Written so that none can be left out. */
const KINDS = {
  submit: "submit",
  claim: "claim",
  lost: "lost",
  pause: "pause",
  resume: "resume",
  cancel: "cancel",
  terminate: "terminate",
  retry: "retry",
  rollback: "rollback",
  succeed: "succeed",
  fail: "fail",
  halt: "halt",
  abandon: "abandon",
  stall: "stall",
  edit: "edit",
  refused: "refused",
  repeated: "repeated",
} as const satisfies { readonly [K in HistoryEntry["kind"]]: K };

export const historyEntrySchema: z.ZodType<HistoryEntryView> = z.object({
  seq: z.number().describe("From 1 for each job, without gaps."),
  at: time(),
  kind: z.enum(KINDS).describe("What happened. `lost`: the worker died. `halt`: it stopped at a checkpoint."),
  actor: z.string().describe("Who caused it: a caller, `worker:<id>`, or `pawl`."),
  reason: z.string().nullable(),
  attempt: z.number(),
  state: z.enum(STATES).describe("Where the job stood after it."),
  phase: z.enum(PHASES),
  data: json(),
});

export const logLineSchema: z.ZodType<LogLineView> = z.object({
  seq: z.number().describe("From 1 for each job; a gap at the beginning means that old lines were dropped."),
  at: time(),
  level: z.enum(LOG_LEVELS),
  message: z.string(),
  fields: json(),
});

const page = <T>(item: z.ZodType<T>): z.ZodType<RecordPage<T>> =>
  z.object({
    items: z.array(item),
    nextAfter: z.number().nullable().describe("Pass it as `after` to go on; `null` when there are no more for now."),
  });

export const historyPageSchema = page(historyEntrySchema);
export const logPageSchema = page(logLineSchema);

const iso = (at: number) => new Date(at).toISOString();

export const toHistoryEntryView = (entry: HistoryEntry): HistoryEntryView => ({ ...entry, at: iso(entry.at) });
export const toLogLineView = (line: LogLine): LogLineView => ({ ...line, at: iso(line.at) });

/** A page of what was read with `limit`: a full one may have a next. */
export function recordPage<T extends { readonly seq: number }>(items: readonly T[], limit: number): RecordPage<T> {
  return { items, nextAfter: items.length < limit ? null : (items.at(-1)?.seq ?? null) };
}
