// Opens both ends, moves, closes them, and tells a person what was moved.
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import { placeText } from "../database-place.ts";
import { explainPostgres } from "../start-problem.ts";
import { createProgress, grouped } from "./progress.ts";
import { openSource, type Place } from "./source.ts";
import { openTarget } from "./target.ts";
import { type Moved, transfer } from "./transfer.ts";

export interface TransferRun {
  readonly place: Place;
  readonly url: string;
  readonly schema: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells a person how far it is, line by line. */
  readonly say: (line: string) => void;
}

/**
 * Answers what was moved, as a text.
 * Rejects with `not_found`, `store_owned`, `store_unavailable` or `name_taken` when it cannot begin, and with `internal`
 * when the two sides are not the same in the end.
 */
export async function runTransfer({ place, url, schema, clock, logger, say }: TransferRun): Promise<string> {
  using opened = new DisposableStack();
  const source = openSource(place, clock.now(), opened);
  await using connected = new AsyncDisposableStack();
  const options = { url, schema, logger };
  const target = openTarget(options, connected);
  const to = `the schema ${schema} of ${placeText({ kind: "postgres", url })}`;
  say(`from ${source.place.database} to ${to}`);
  const beginStep = createProgress(say, clock);
  const moved = await transfer({ source, target, options, beginStep }).catch((error: unknown) => {
    throw explainPostgres(error, url, "--to");
  });
  return reportOf(moved, { from: source.place, to });
}

const PADDING = 2;

function reportOf({ sums, textsWithNul, missingFiles }: Moved, { from, to }: { from: Place; to: string }): string {
  const filled = [...sums].filter(([, { rows }]) => rows > 0);
  const empty = [...sums].filter(([, { rows }]) => rows === 0).map(([name]) => name);
  const lines = filled.map(([name, { rows, checksum }]) => [name, grouped(rows), checksum] as const);
  const width = Math.max(0, ...lines.map(([name]) => name.length)) + PADDING;
  const digits = Math.max(0, ...lines.map(([, rows]) => rows.length));
  return [
    `Moved from ${from.database} to ${to}.`,
    "Both hold the same number of rows with the same checksums:",
    "",
    ...lines.map(([name, rows, checksum]) => `  ${name.padEnd(width)}${rows.padStart(digits)}  ${checksum}`),
    "",
    ...(empty.length === 0 ? [] : [`Empty on both sides: ${empty.join(", ")}.`]),
    ...(textsWithNul === 0
      ? []
      : [`Texts in which the character NUL, which PostgreSQL cannot hold, became U+FFFD: ${grouped(textsWithNul)}.`]),
    ...(missingFiles.length === 0
      ? []
      : [`The bytes of some files were not in ${from.folder}, before the move either: ${missingFiles.join(", ")}.`]),
    `Nothing in ${from.folder} was changed. Do not start a server there any more: the jobs would run twice.`,
    "",
  ].join("\n");
}
