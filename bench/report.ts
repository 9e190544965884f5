// Prints results as a table: our figure, the limit's, their ratio, the target and whether it was reached.
import { cpus, release, totalmem } from "node:os";
import { median, type Result } from "./measure.ts";

const COLUMNS = [34, 26, 38, 28, 7, 12, 7] as const;

export function printHead(versions: readonly string[]): void {
  const [cpu] = cpus();
  console.log(
    `machine  ${cpus().length} x ${cpu?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
  );
  console.log(`versions ${[`Node ${process.version}`, ...versions].join(", ")}`);
  console.log(
    "figures  medians of alternating rounds, smallest and largest in brackets; compare ratios, not absolute figures\n",
  );
}

export function printColumns(): void {
  console.log(line(["workload", "pawl", "held against", "its figure", "ratio", "target", "reached"]));
}

export function printResult({ comparison, pawl, against, peers }: Result): void {
  const { name, unit } = comparison;
  const ratio = against && median(pawl) / median(against.figures);
  console.log(
    line([
      name,
      figure(pawl, unit),
      against?.name ?? "",
      against === null ? "" : figure(against.figures, unit),
      ratio === null ? "" : ratio.toFixed(2),
      targetText(comparison),
      reached(comparison, median(pawl), ratio) ? "yes" : "no",
    ]),
  );
  for (const peer of peers) {
    const times = median(pawl) / median(peer.figures);
    console.log(line(["", "", peer.name, figure(peer.figures, unit), times.toFixed(2)]));
  }
}

/** Rows of a table in markdown: medians and ratios. */
export function printRows({ comparison, pawl, against, peers }: Result): void {
  const { name, unit } = comparison;
  const sides = against === null ? peers : [against, ...peers];
  const row = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
  if (sides.length === 0) row([name, withUnit(median(pawl), unit), "", "", ""]);
  for (const [index, side] of sides.entries()) {
    const theirs = median(side.figures);
    const ours = index === 0 ? [name, withUnit(median(pawl), unit)] : ["", ""];
    row([...ours, side.name, withUnit(theirs, unit), (median(pawl) / theirs).toFixed(2)]);
  }
}

type Unit = Result["comparison"]["unit"];

function withUnit(value: number, unit: Unit): string {
  const whole = Math.round(value).toLocaleString("en");
  switch (unit) {
    case "per second":
      return `${whole}/s`;
    case "ms":
      return `${value.toFixed(2)} ms`;
    case "MB":
      return `${whole} MB`;
  }
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(COLUMNS[index] ?? 0))
    .join("  ")
    .trimEnd();
}

function figure(values: readonly number[], unit: Unit): string {
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
