// Cron expressions: what they mean in a time zone, and what is wrong with one. Times of day that a change to summer time
// skips fire right after it, and those that occur twice fire once; expressions with `*` or steps go by the clock's hands.
import { Cron } from "croner";
import { invalidRequest } from "../domain/errors.ts";

/** The times of a cron expression in a time zone, in epoch milliseconds; whole seconds. */
export interface Timetable {
  /** The first one after `at`, `null` when there is none any more. */
  after(at: number): number | null;
  /** The last one that is not after `at`, `null` when there was none. */
  lastUntil(at: number): number | null;
  /** The first `count` after `at`. */
  next(count: number, at: number): readonly number[];
}

/** The fields of an expression, seconds first, and what may stand in each. */
const FIELDS = [
  { name: "second", fits: "0 to 59" },
  { name: "minute", fits: "0 to 59" },
  { name: "hour", fits: "0 to 23" },
  { name: "day of month", fits: "1 to 31, or L for the last" },
  { name: "month", fits: "1 to 12, or JAN to DEC" },
  { name: "day of week", fits: "0 to 7 (0 and 7 are Sunday), or SUN to SAT" },
] as const;

const EXAMPLE = '"30 2 * * 1-5" (02:30, Monday to Friday) or, with seconds first, "*/10 * * * * *" (every 10 seconds)';

/** Throws `invalid_request` for an expression or a time zone that cannot be read. */
export function readCron(expression: string, timeZone: string): Timetable {
  checkTimeZone(timeZone);
  const cron = parse(expression, timeZone);
  return {
    after: (at) => cron.nextRun(new Date(at))?.getTime() ?? null,
    // The search excludes its beginning.
    lastUntil: (at) => cron.previousRuns(1, new Date(at + 1))[0]?.getTime() ?? null,
    next: (count, at) => cron.nextRuns(count, new Date(at)).map((date) => date.getTime()),
  };
}

/** As `readCron`, and throws `invalid_request` too when there is no time after `at` at which it fires. */
export function checkCron(expression: string, timeZone: string, at: number): Timetable {
  const timetable = readCron(expression, timeZone);
  if (timetable.after(at) !== null) return timetable;
  throw invalidRequest(
    `The cron expression "${expression}" never fires: there is no such day. Write one like ${EXAMPLE}.`,
  );
}

function checkTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw invalidRequest(`"${timeZone}" is no time zone. Use an IANA name such as UTC or Europe/Berlin.`);
  }
}

function parse(expression: string, timeZone: string): Cron {
  const fields = expression.trim().split(/\s+/);
  // The parser also takes dates, years and nicknames, which are no part of what is promised here.
  if (fields.length !== 5 && fields.length !== 6) {
    throw invalidRequest(
      `The cron expression "${expression}" has neither five nor six fields. Write five (minute, hour, day of month, month, day of ` +
        `week), or six with seconds first, such as ${EXAMPLE}.`,
    );
  }
  try {
    return read(expression, timeZone);
  } catch {
    throw invalidRequest(`The cron expression "${expression}" cannot be read: ${whatIsWrong(fields)}`);
  }
}

const read = (expression: string, timeZone: string) =>
  new Cron(expression, { timezone: timeZone, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });

/** Names the field that cannot stand even by itself. */
function whatIsWrong(written: readonly string[]): string {
  const fields = FIELDS.slice(FIELDS.length - written.length);
  const wrong = fields.findIndex((_, index) => !isReadable(written.map((text, at) => (at === index ? text : "*"))));
  const { name, fits } = fields[wrong] ?? { name: "", fits: "" };
  if (name === "") return `its fields do not go together. Write one like ${EXAMPLE}.`;
  return `its ${name} is "${written[wrong]}". Use ${fits}; * for any; lists (1,15), ranges (1-5) and steps (*/10).`;
}

function isReadable(fields: readonly string[]): boolean {
  try {
    read(fields.join(" "), "UTC");
    return true;
  } catch {
    return false;
  }
}
