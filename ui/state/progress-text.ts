// How far a job is, in words.
import type { JobSummary } from "../../src/client/index.ts";
import { roughly } from "../format/duration.ts";
import { count, rate } from "../format/number.ts";

export type Progress = JobSummary["progress"];

/** Of the whole, 0 to 1; `null` when the whole is not known. */
export function share({ done, total }: Progress): number | null {
  if (total === null) return null;
  return total === 0 ? 1 : Math.min(1, Math.max(0, done / total));
}

/** `41,200 / 100,000 rows` */
export function doneText({ done, total, unit }: Progress): string {
  return `${total === null ? count(done) : `${count(done)} / ${count(total)}`} ${unit ?? ""}`.trim();
}

/** `41,200 / 100,000 · 2,310 rows/s · 25 s left`: where there is a total, the unit stands once. */
export function progressText(progress: Progress): string {
  const { unit, ratePerSecond, etaMs } = progress;
  const hasRate = ratePerSecond !== null && ratePerSecond > 0;
  const parts = [doneText(hasRate && progress.total !== null ? { ...progress, unit: null } : progress)];
  if (hasRate) parts.push(`${rate(ratePerSecond)}${unit === null ? "" : ` ${unit}`}/s`);
  if (etaMs !== null && etaMs > 0) parts.push(`${roughly(etaMs)} left`);
  return parts.join(" · ");
}
