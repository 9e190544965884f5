// A whole run: a fleet under load, faults, and the verdict.
import pg from "pg";
import type { Random } from "../random.ts";
import { createCaller } from "./caller.ts";
import { commitFaults, type Fault } from "./faults.ts";
import { judge, type Verdict } from "./judge.ts";
import { startLoad } from "./load.ts";
import { startMembers } from "./members.ts";
import type { Ending, Site } from "./site.ts";
import { readWatch, startWatch, type Watched } from "./watch.ts";

export interface FleetRun {
  readonly site: Site;
  readonly random: Random;
  readonly servers: number;
  readonly faults: number;
  readonly imports: number;
  readonly rows: number;
  readonly ratePerSecond: number;
}

export interface FleetResult extends Verdict, Watched {
  readonly faults: readonly Fault[];
  /** Writes of attempts that had lost their lease, refused by the process itself or by the database. */
  readonly refused: { readonly byProcess: number; readonly byDatabase: number };
  /** From each kill of a worker until its first job was given back, in ms, where it held any. */
  readonly recoveriesMs: readonly number[];
}

export const LEASE_MS = 1_000;
const SCHEMA = "fleet";

export async function runFleet(ending: Ending, run: FleetRun): Promise<FleetResult> {
  const { site, random, servers } = run;
  const members = await startMembers(ending, site, { servers, schema: SCHEMA, leaseMs: LEASE_MS });
  await startWatch(site.databaseUrl, SCHEMA);
  const caller = createCaller(members, random);
  const load = await startLoad({ ...run, caller });
  const faults = await commitFaults({ site, members, random, count: run.faults, leaseMs: LEASE_MS });
  const verdict = await judge(caller, await load.end());
  const watched = await readWatch(site.databaseUrl, SCHEMA);
  const log = members.map((member) => member.log()).join("");
  return {
    ...verdict,
    ...watched,
    faults,
    refused: {
      byProcess: count(log, /"by":"process","msg":"A write of an attempt was refused/g),
      byDatabase: count(log, /"by":"database","msg":"A write of an attempt was refused/g),
    },
    recoveriesMs: recoveries(faults, verdict.lostAt),
  };
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

/** Only where no other fault was under way: then nothing else can have given a job back. */
function recoveries(faults: readonly Fault[], lostAt: readonly number[]): readonly number[] {
  const times: number[] = [];
  for (const [index, { kind, from }] of faults.entries()) {
    if (kind !== "kill worker") continue;
    const next = faults[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    const first = lostAt.filter((at) => at >= from && at < next).sort((one, other) => one - other)[0];
    if (first !== undefined) times.push(first - from);
  }
  return times;
}

/** For a script that wants to say which server it ran on. */
export async function serverVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
  await client.end();
  return rows[0]?.version ?? "";
}
