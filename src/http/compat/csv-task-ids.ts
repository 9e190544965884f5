// The job ids of earlier API 2: whose, of what kind, made when, and a number that tells those of one second apart.
import { randomInt } from "node:crypto";
import type { Clock } from "../../ports/clock.ts";

export type TaskKind = "baselineCSV" | "bulkTeam" | "createExport";

/** Makes an id that this process has not made before, as long as it makes no more than 10,000 in a second. */
export type MakeTaskId = (user: string, kind: TaskKind) => string;

const NUMBERS = 10_000;

export function createTaskIds(clock: Clock): MakeTaskId {
  let next = randomInt(NUMBERS);
  return (user, kind) => {
    next = (next + 1) % NUMBERS;
    return `${user}-${kind}-${Math.floor(clock.now() / 1_000)}-${next}`;
  };
}
