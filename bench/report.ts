// Prints results as a table: our figure, the limit's, their ratio, the target and whether it was reached.
import { cpus, release, totalmem } from "node:os";
import { median, type Result } from "./measure.ts";

const COLUMNS = [34, 22, 26, 22, 9, 18, 8] as const;

export function printHead(sqliteVersion: string): void {
  const [cpu] = cpus();
  console.log(
    `machine  ${cpus().length} x ${cpu?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
  );
  console.log(`versions Node ${process.version}, SQLite ${sqliteVersion}`);
  console.log(
    "figures  medians of alternating rounds, smallest and largest in brackets; compare ratios, not absolute figures\n",
  );
  console.log(line(["workload", "pawl", "held against", "its figure", "ratio", "target", "reached"]));
}

export function printResult({ comparison, pawl, against }: Result): void {
  const ours = median(pawl);
  const theirs = against.length > 0 ? median(against) : null;
  const ratio = theirs === null ? null : ours / theirs;
  console.log(
    line([
      comparison.name,
      figure(pawl, comparison.unit),
      comparison.against?.name ?? "",
      theirs === null ? "" : figure(against, comparison.unit),
      ratio === null ? "" : ratio.toFixed(2),
      targetText(comparison),
      reached(comparison, ours, ratio) ? "yes" : "no",
    ]),
  );
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(COLUMNS[index] ?? 0))
    .join("  ")
    .trimEnd();
}

function figure(values: readonly number[], unit: Result["comparison"]["unit"]): string {
  const show = (value: number) => (unit === "ms" ? value.toFixed(2) : Math.round(value).toLocaleString("en"));
  return `${show(median(values))} [${show(Math.min(...values))}..${show(Math.max(...values))}]`;
}

function targetText({ target, unit }: Result["comparison"]): string {
  if (target.ratio !== undefined) return `ratio ${target.ratio.toFixed(2)}`;
  if (target.atMostRatio !== undefined) return `ratio to ${target.atMostRatio}`;
  if (target.absolute === undefined) return "none";
  return unit === "per second" ? `${target.absolute.toLocaleString("en")}/s` : `${target.absolute} ${unit}`;
}

function reached({ target, unit }: Result["comparison"], ours: number, ratio: number | null): boolean {
  if (target.ratio !== undefined) return ratio !== null && ratio >= target.ratio;
  if (target.atMostRatio !== undefined) return ratio !== null && ratio <= target.atMostRatio;
  if (target.absolute === undefined) return true;
  return unit === "per second" ? ours >= target.absolute : ours <= target.absolute;
}
