// Durations and moments as people say them.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * A duration in its two largest units.
 *
 * @example
 * duration(84_000); // "1 m 24 s"
 * duration(420); // "0.4 s"
 */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 10 * SECOND) return `${(Math.floor(whole / 100) / 10).toFixed(1)} s`;
  if (whole < MINUTE) return `${Math.floor(whole / SECOND)} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} m ${Math.floor((whole % MINUTE) / SECOND)} s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} m`;
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

/** A duration in its largest unit, rounded: for how long something still takes. */
export function roughly(ms: number): string {
  const whole = Math.max(0, ms);
  if (Math.round(whole / SECOND) < 60) return `${Math.round(whole / SECOND)} s`;
  if (Math.round(whole / MINUTE) < 60) return `${Math.round(whole / MINUTE)} m`;
  if (Math.round(whole / HOUR) < 24) return `${Math.round(whole / HOUR)} h`;
  if (whole < YEAR) return `${Math.round(whole / DAY)} d`;
  return `${Math.round(whole / YEAR)} y`;
}

/** A duration in its largest unit, of which as many are over: for how old something is. */
export function age(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < MINUTE) return `${Math.floor(whole / SECOND)} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} m`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h`;
  if (whole < YEAR) return `${Math.floor(whole / DAY)} d`;
  return `${Math.floor(whole / YEAR)} y`;
}

/** "3 m ago", "in 2 h", "now". */
export function relative(at: number, now: number): string {
  const ms = at - now;
  if (Math.abs(ms) < SECOND) return "now";
  return ms < 0 ? `${age(-ms)} ago` : `in ${roughly(ms)}`;
}

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const MINUTES = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** Date, time of day and zone, in the reader's time zone. */
export const absolute = (at: number): string => ABSOLUTE.format(at);

/** Time of day, in the reader's time zone. */
export const clockTime = (at: number): string => CLOCK.format(at);

/** Time of day to the minute, in the reader's time zone. */
export const minuteTime = (at: number): string => MINUTES.format(at);
