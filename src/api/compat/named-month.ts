// Days as earlier API 3 writes them: `2019-Jan-31`.
import { z } from "zod";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const calendarDay = z.iso.date();

/** The day as `2019-01-31`, of that form or of `2019-Jan-31`, the month in any letter case; `null` when it is no day. */
export function dayOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const day = value.replace(/^(\d{4}-)([a-z]{3})(-\d{2})$/i, (_all, year: string, month: string, rest: string) => {
    const index = MONTHS.findIndex((name) => name.toLowerCase() === month.toLowerCase());
    return `${year}${String(index + 1).padStart(2, "0")}${rest}`;
  });
  return calendarDay.safeParse(day).success ? day : null;
}

/** `2019-01-31` as `2019-Jan-31`. */
export const namedMonth = (day: string): string =>
  day.replace(/-(\d{2})-/, (_all, month: string) => `-${MONTHS[Number(month) - 1]}-`);
