// Faults, one after another, each kind as often as the others: processes killed, processes frozen for longer than a lease,
// lines to the database that fall silent for longer than a lease, and restarts of the database.
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { Member } from "./members.ts";
import type { Site } from "./site.ts";

export const FAULTS = [
  "kill worker",
  "freeze worker",
  "partition worker",
  "restart database",
  "kill server",
  "partition server",
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly member: string | null;
  /** Epoch ms. */
  readonly from: number;
  readonly until: number;
}

export interface FaultOptions {
  readonly site: Site;
  readonly members: readonly Member[];
  readonly random: Random;
  readonly count: number;
  readonly leaseMs: number;
}

/** A freeze or a silence lasts so many leases at least and at most: others have to take over meanwhile. */
const OUTLASTS = { least: 1.5, most: 2.5 };
/** Between two faults: work goes on. */
const CALM_MS = { least: 400, most: 1_500 };

/** Commits them one by one, and answers what was done. */
export async function commitFaults({ site, members, random, count, leaseMs }: FaultOptions): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const outlast = () => sleep(leaseMs * (OUTLASTS.least + random.next() * (OUTLASTS.most - OUTLASTS.least)));
  for (let index = 0; index < count; index += 1) {
    const kind = FAULTS[index % FAULTS.length] ?? "kill worker";
    const dead = members.flatMap((member) => member.deaths());
    if (dead.length > 0) throw new Error(dead.join("\n"));
    const from = Date.now();
    const member = await commit(kind, { site, members, random, outlast });
    faults.push({ kind, member: member?.name ?? null, from, until: Date.now() });
    await sleep(random.between(CALM_MS.least, CALM_MS.most));
  }
  return faults;
}

interface Committing extends Pick<FaultOptions, "site" | "members" | "random"> {
  readonly outlast: () => Promise<unknown>;
}

async function commit(kind: FaultKind, { site, members, random, outlast }: Committing): Promise<Member | null> {
  if (kind === "restart database") {
    await site.restartDatabase();
    return null;
  }
  const [what, role] = kind.split(" ");
  const candidates = members.filter((member) => member.role === role);
  const member = candidates[random.between(0, candidates.length - 1)];
  if (!member) throw new Error(`There is no ${role} to ${what}.`);
  if (what === "kill") await member.killAndStart();
  else if (what === "freeze") {
    member.signal("SIGSTOP");
    await outlast();
    member.signal("SIGCONT");
  } else {
    await member.machine.partition();
    await outlast();
    await member.machine.heal();
  }
  return member;
}
