// Claims from lanes with limits: of queues, types and keys. The limits are locked while they are counted and used, so that
// all processes together keep them. Invariant: a claim takes no more than there is room for, however many limits meet in a job.
import type { ClaimableType } from "../../ports/store.ts";
import { numberOrNull } from "../sql/operator-rows.ts";
import { parseArray } from "../sql/rows.ts";
import type { Transaction } from "./database.ts";
import type { HeldBack } from "./held-back.ts";
import * as sql from "./queries/claims.ts";
import { createRoom, type Lane, type Room } from "./room.ts";

export interface LimitedClaim {
  readonly alive: boolean;
  readonly jobs: readonly unknown[];
  readonly nextInMs: number | null;
}

interface Candidate {
  readonly n: number;
  readonly priority: number;
  readonly availableAt: number;
  readonly key: string | null;
}

interface Choice {
  readonly lane: Lane;
  readonly candidate: Candidate;
}

/** Candidates that are read at once, and keys that are looked through, of a lane whose first candidates are held back. */
const PAGE = 100;
const KEYS = 5_000;

function laneOf(value: unknown): Lane {
  const [queue, type, concurrency, rateMax, ratePerMs, nextAt, ready] = parseArray(value, 7);
  return {
    queue: String(queue),
    type: String(type),
    concurrency: numberOrNull(concurrency),
    rateLimit: rateMax === null ? null : { max: Number(rateMax), perMs: Number(ratePerMs) },
    nextAt: numberOrNull(nextAt),
    ready: ready === true,
  };
}

function candidateOf(value: unknown): Candidate {
  const [n, priority, availableAt, key] = parseArray(value, 4);
  return {
    n: Number(n),
    priority: Number(priority),
    availableAt: Number(availableAt),
    key: key === null ? null : String(key),
  };
}

const inClaimOrder = (a: Candidate, b: Candidate): number =>
  b.priority - a.priority || a.availableAt - b.availableAt || a.n - b.n;

/** What a claim asks for. */
export interface Wanted {
  readonly workerId: string;
  readonly types: ReadonlyMap<string, ClaimableType>;
  /** `null`: all. */
  readonly queues: readonly string[] | null;
  readonly limit: number;
  readonly heldBack: HeldBack;
}

export async function claimWithLimits(transaction: Transaction, wanted: Wanted): Promise<LimitedClaim> {
  const { workerId, types, queues, limit, heldBack } = wanted;
  const [found] = await transaction.run(sql.lanes, workerId, [...types.keys()], queues);
  if (found?.alive !== true) return { alive: false, jobs: [], nextInMs: null };
  const lanes = parseArray(found.lanes).map(laneOf);
  for (const name of limitsOf(lanes, types)) await transaction.run(sql.lockLimit, name);
  const room = await createRoom(transaction, { lanes, types, now: Number(found.now) });
  const offered: Choice[] = [];
  for (const lane of lanes.filter((candidate) => room.has(candidate))) {
    const candidates = await candidatesOf(transaction, lane, { room, limit });
    offered.push(...candidates.map((candidate) => ({ lane, candidate })));
  }
  const { chosen, left, more } = choose(offered, room, limit);
  const jobs = await take(transaction, workerId, chosen);
  for (const [queue, started] of room.started) await transaction.run(sql.recordStart, queue, started);
  const read = new Set(offered.map(({ lane }) => lane));
  const waiting = lanes.map((lane) => (read.has(lane) ? { ...lane, ready: left.has(lane) } : lane));
  for (const lane of waiting) {
    if (lane.ready && (room.isFull(lane) || room.perKeyOf(lane.type) !== null)) heldBack.add(lane);
  }
  return { alive: true, jobs, nextInMs: more ? 0 : room.nextInMs(waiting) };
}

/** In one order, so that two claims that meet never wait in a circle. */
function limitsOf(lanes: readonly Lane[], types: Wanted["types"]): readonly string[] {
  const names = new Set<string>();
  for (const { queue, type, concurrency, rateLimit } of lanes) {
    const { concurrency: ofType = null, perKey = null } = types.get(type) ?? {};
    if (concurrency !== null || rateLimit !== null) names.add(`queue ${queue}`);
    if (ofType !== null || perKey !== null) names.add(`type ${type}`);
  }
  return [...names].sort();
}

/** One more than may be chosen, in claim order; jobs whose key has no room are left out, however many they are. */
async function candidatesOf(
  transaction: Transaction,
  lane: Lane,
  { room, limit }: { readonly room: Room; readonly limit: number },
): Promise<readonly Candidate[]> {
  const { queue, type } = lane;
  const size = limit + PAGE;
  const page = (await transaction.run(sql.candidates, queue, type, size, 0)).map((row) => candidateOf(row.candidate));
  const perKey = room.perKeyOf(type);
  if (perKey === null || page.length < size) return page;
  const free = page.filter(({ key }) => room.ofKey(type, key) > 0);
  if (free.length > limit && new Set(free.map(({ key }) => key)).size > limit) return free;
  const rows = await transaction.run(
    sql.candidatesByKey,
    queue,
    type,
    room.fullKeys(type),
    Math.min(perKey, limit + 1),
    KEYS,
  );
  return rows.map((row) => candidateOf(row.candidate));
}

interface Choices {
  readonly chosen: readonly Choice[];
  /** Lanes in which limits keep jobs waiting. */
  readonly left: ReadonlySet<Lane>;
  readonly more: boolean;
}

function choose(offered: readonly Choice[], room: Room, limit: number): Choices {
  const chosen: Choice[] = [];
  const left = new Set<Lane>();
  for (const choice of offered.toSorted((a, b) => inClaimOrder(a.candidate, b.candidate))) {
    const { lane, candidate } = choice;
    if (!room.has(lane) || room.ofKey(lane.type, candidate.key) <= 0) {
      left.add(lane);
      continue;
    }
    if (chosen.length === limit) return { chosen, left, more: true };
    chosen.push(choice);
    room.take(lane, candidate.key);
  }
  return { chosen, left, more: false };
}

async function take(
  transaction: Transaction,
  workerId: string,
  chosen: readonly Choice[],
): Promise<readonly unknown[]> {
  if (chosen.length === 0) return [];
  const numbers = JSON.stringify(chosen.map(({ candidate }) => candidate.n));
  const [row] = await transaction.run(sql.take, workerId, numbers);
  return parseArray(row?.jobs);
}
