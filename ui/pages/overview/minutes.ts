// Arithmetic over the minutes of the chart.
import type { MinuteStats } from "../../../src/client/index.ts";

/** Lines of the grid above the lowest. */
export const LINES = 4;

export const failedIn = ({ failed, rollbackFailed }: MinuteStats): number => failed + rollbackFailed;

export const sumOf = (minutes: readonly MinuteStats[], of: (minute: MinuteStats) => number): number =>
  minutes.reduce((total, minute) => total + of(minute), 0);

/** What the highest line of the grid stands for: all fits below it, and each line stands at a round number. */
export function gridTop(minutes: readonly MinuteStats[]): number {
  const most = Math.max(LINES, ...minutes.map((one) => Math.max(one.submitted, one.succeeded + failedIn(one))));
  return LINES * roundUp(most / LINES);
}

/** The next number that is 1, 2 or 5 with zeros. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((round) => round >= value) ?? 10 * power;
}
