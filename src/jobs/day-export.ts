// `day-export`: a line for each day of a range, into a file to download. The file's size is part of every checkpoint, so
// each day stands in it exactly once, however often the job was stopped on the way.
import * as z from "zod";
import { defineJob, type RecordSource } from "../index.ts";
import { day, pauseMs } from "./input-fields.ts";

const DAYS_FILE = "days.csv";
/** A century. */
const MOST_DAYS = 36_525;
const A_DAY_MS = 86_400_000;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

export interface DayExportOptions {
  /** How long a day takes in a job that does not say its own, in ms. Default 100. */
  readonly dayMs?: number;
}

/** Makes the job type `day-export`. */
export function createDayExport({ dayMs = 100 }: DayExportOptions = {}) {
  return defineJob({
    type: "day-export",
    title: "Export days",
    description: "Writes a line for each day of a range, both ends included, into a file to download.",
    input: inputWith(dayMs),
    async run(job) {
      const { dayMs: waitMs, ...range } = job.input;
      const file = await job.artifact(DAYS_FILE, { mediaType: "text/csv; charset=utf-8" });
      if (file.size === 0) await file.write("date,weekday\n");
      for await (const date of job.iterate(daysOf(range))) {
        if (waitMs > 0) await job.wait(waitMs);
        await file.write(`${date.toISOString().slice(0, 10)},${WEEKDAYS[date.getUTCDay()]}\n`);
      }
      return { days: job.progress.done };
    },
  });
}

const inputWith = (dayMs: number) =>
  z
    .strictObject({
      from: day().meta({ title: "From", description: "The first day, YYYY-MM-DD.", examples: ["2024-02-28"] }),
      to: day().meta({
        title: "To",
        description: "The last day, itself included; at most a century of days.",
        examples: ["2024-03-01"],
      }),
      dayMs: pauseMs(dayMs).meta({ title: "Time a day", description: "Milliseconds that each day takes." }),
    })
    .refine(({ from, to }) => from <= to, { error: "must not be before from", path: ["to"] })
    .refine((range) => countDays(range) <= MOST_DAYS, {
      error: `must be at most ${MOST_DAYS} days, both ends included`,
      path: ["to"],
    });

interface DayRange {
  readonly from: string;
  readonly to: string;
}

const countDays = ({ from, to }: DayRange) => (Date.parse(to) - Date.parse(from)) / A_DAY_MS + 1;

/** Its cursor is the number of days before it. */
function daysOf(range: DayRange): RecordSource<Date> {
  const total = countDays(range);
  const first = Date.parse(range.from);
  return {
    total: async () => ({ total, unit: "days" }),
    async *entries(_context, cursor) {
      for (let done = Number(cursor ?? 0); done < total; done += 1) {
        yield [{ item: new Date(first + done * A_DAY_MS), cursor: done + 1 }];
      }
    },
  };
}
