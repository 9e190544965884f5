// Derives from a job's history what it went through, stretch after stretch: waiting, running, paused, crashed, ...
// Each stretch begins where the one before ends, the last one of an unfinished job is open.
import type { HistoryEntry, HistoryKind, Phase, State } from "../../../../src/client/index.ts";
import { ACTIONS, isFinal } from "../../../../src/domain/lifecycle.ts";

/**
 * States, with a closer word for some that waited in the queue: `sleeping` by its own wish, `retrying` after a failure,
 * `crashed` until it was taken up again. A final state is a stretch only where the job was taken out of it again.
 */
export type SegmentKind = State | "sleeping" | "retrying" | "crashed";

export interface Segment {
  /** Of the entry that it begins with. */
  readonly seq: number;
  readonly kind: SegmentKind;
  readonly phase: Phase;
  /** Epoch ms. */
  readonly from: number;
  /** `null`: it goes on. */
  readonly to: number | null;
  readonly attempt: number;
  /** The person or program that asked for it, `null` where nobody did. */
  readonly actor: string | null;
  readonly reason: string | null;
  /** What it begins with. */
  readonly by: HistoryKind;
  /** What had gone wrong, where it begins with that. */
  readonly problem: string | null;
  /** Where an attempt goes on; `null` where it begins at the beginning, and where nothing runs. */
  readonly place: Place | null;
}

export interface Place {
  readonly checkpoint: number;
  /** `null` after a crash: what was told last may be beyond the checkpoint. */
  readonly done: number | null;
  readonly unit: string | null;
}

export interface Timeline {
  readonly segments: readonly Segment[];
  /** When the job reached its final state; `null` while it has not. */
  readonly endedAt: number | null;
}

interface Asker {
  readonly actor: string;
  readonly reason: string | null;
}

/** Entries that tell of something, and move nothing. */
const REMARKS: readonly HistoryKind[] = ["edit", "refused", "repeated", "abandon", "stall"];
const REQUESTS: readonly HistoryKind[] = ACTIONS;

/** @param entries Oldest first, from the first one on. */
export function timelineOf(entries: readonly HistoryEntry[]): Timeline {
  const segments: Segment[] = [];
  let askers: Askers = { stop: null, undo: null };
  for (const entry of entries) {
    if (REMARKS.includes(entry.kind)) continue;
    const before = segments.pop();
    if (before) segments.push({ ...before, to: entry.at });
    askers = askersAfter(askers, entry);
    segments.push(segmentOf(entry, before, askers));
  }
  const last = segments.at(-1);
  if (!last || !isFinalKind(last.kind)) return { segments, endedAt: null };
  return { segments: segments.slice(0, -1), endedAt: last.from };
}

/** Whoever asked for the pause or stop under way, and whoever asked for the undo. */
interface Askers {
  readonly stop: Asker | null;
  readonly undo: Asker | null;
}

function askersAfter(askers: Askers, { kind, actor, reason, phase }: HistoryEntry): Askers {
  const asker = { actor, reason };
  switch (kind) {
    case "pause":
      return { ...askers, stop: asker };
    case "cancel":
    case "terminate":
    case "rollback":
      return { stop: asker, undo: phase === "rollback" && askers.undo ? askers.undo : asker };
    case "retry":
      return { stop: null, undo: null };
    case "claim":
      return { stop: null, undo: phase === "rollback" ? askers.undo : null };
    case "resume":
      return { ...askers, stop: null };
    case "submit":
    case "lost":
    case "succeed":
    case "fail":
    case "halt":
    case "abandon":
    case "stall":
    case "edit":
    case "refused":
    case "repeated":
      return askers;
  }
}

function segmentOf(entry: HistoryEntry, before: Segment | undefined, askers: Askers): Segment {
  const asker = askerOf(entry, askers);
  return {
    seq: entry.seq,
    kind: kindOf(entry, before),
    phase: entry.phase,
    from: entry.at,
    to: null,
    attempt: entry.attempt,
    actor: asker?.actor ?? null,
    reason: asker?.reason ?? null,
    by: entry.kind,
    problem: problemOf(entry),
    place: placeOf(entry, before),
  };
}

function kindOf({ kind, state, phase, data }: HistoryEntry, before: Segment | undefined): SegmentKind {
  if (state !== "queued") return state;
  // What failed or died on the way there is now undone: it neither tries again nor goes on.
  if (before && before.phase !== phase) return "queued";
  if (kind === "lost") return "crashed";
  if (kind === "fail") return "retrying";
  const cause = memberOf(data, "cause");
  return kind === "halt" && (cause === "sleep" || cause === "try_again_later") ? "sleeping" : "queued";
}

function askerOf({ kind, actor, reason, state, phase }: HistoryEntry, askers: Askers): Asker | null {
  if (REQUESTS.includes(kind)) return { actor, reason };
  if (kind === "submit") return { actor, reason: null };
  if (state === "paused" || state === "cancelling" || isFinal(state)) return askers.stop;
  return phase === "rollback" ? askers.undo : null;
}

function problemOf({ kind, data }: HistoryEntry): string | null {
  if (kind === "lost") return "its process died";
  if (kind === "halt" && memberOf(data, "cause") === "drain") return "its server stopped";
  if (kind !== "fail") return null;
  const message = memberOf(data, "message");
  return typeof message === "string" && message !== "" ? message : "it failed";
}

function placeOf({ kind, data }: HistoryEntry, before: Segment | undefined): Place | null {
  const from = kind === "claim" ? memberOf(data, "from") : undefined;
  const checkpoint = memberOf(from, "checkpoint");
  if (typeof checkpoint !== "number") return null;
  const [done, unit] = [memberOf(from, "done"), memberOf(from, "unit")];
  const isKnown = typeof done === "number" && before?.kind !== "crashed";
  return { checkpoint, done: isKnown ? done : null, unit: typeof unit === "string" ? unit : null };
}

function memberOf(data: unknown, name: string): unknown {
  return typeof data === "object" && data !== null
    ? Object.entries(data).find(([key]) => key === name)?.[1]
    : undefined;
}

const isFinalKind = (kind: SegmentKind): boolean =>
  kind !== "sleeping" && kind !== "retrying" && kind !== "crashed" && isFinal(kind);

/** How long it was so, in ms, as of `now` where it goes on. */
export const lengthOf = ({ from, to }: Segment, now: number): number => Math.max(0, (to ?? now) - from);

/** Stretches of an unfinished or finished job, in figures. */
export interface Totals {
  /** From the first to the last. */
  readonly spanMs: number;
  /** Whether the last goes on. */
  readonly isOpen: boolean;
  readonly pauses: number;
  readonly pausedMs: number;
  readonly crashes: number;
  readonly failures: number;
}

export function totalsOf(segments: readonly Segment[], now: number): Totals {
  const sum = (kind: SegmentKind) =>
    segments.filter((segment) => segment.kind === kind).reduce((ms, segment) => ms + lengthOf(segment, now), 0);
  return {
    spanMs: segments.reduce((ms, segment) => ms + lengthOf(segment, now), 0),
    isOpen: segments.at(-1)?.to === null,
    pauses: segments.filter(({ kind }) => kind === "paused").length,
    pausedMs: sum("paused"),
    crashes: segments.filter(({ by }) => by === "lost").length,
    failures: segments.filter(({ by }) => by === "fail").length,
  };
}

/** Neighbours that are drawn as one. */
export interface Piece {
  readonly segments: readonly Segment[];
  /** Of the longest of them. */
  readonly longest: Segment;
  readonly ms: number;
}

/**
 * The stretches as at most `most` pieces, so that hundreds of them stay readable: neighbours that are too short to be told
 * apart are drawn as one.
 */
export function piecesOf(segments: readonly Segment[], now: number, most: number): readonly Piece[] {
  const total = segments.reduce((ms, segment) => ms + lengthOf(segment, now), 0);
  let pieces = joined(segments, now, 0);
  for (let shortMs = Math.max(1, total / 1_000); pieces.length > Math.max(1, most); shortMs *= 2) {
    pieces = joined(segments, now, shortMs);
  }
  return pieces;
}

/** Joins runs of stretches that are shorter than `shortMs` each, until the joined one is that long. */
function joined(segments: readonly Segment[], now: number, shortMs: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const segment of segments) {
    const ms = lengthOf(segment, now);
    const last = pieces.at(-1);
    if (last && ms < shortMs && last.ms < shortMs) {
      const longest = ms > lengthOf(last.longest, now) ? segment : last.longest;
      pieces.splice(-1, 1, { segments: [...last.segments, segment], longest, ms: last.ms + ms });
    } else {
      pieces.push({ segments: [segment], longest: segment, ms });
    }
  }
  return pieces;
}
