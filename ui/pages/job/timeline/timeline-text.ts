// The timeline in words: for those who read it below the band, point at it, or do not see it.
import { duration } from "../../../format/duration.ts";
import { count } from "../../../format/number.ts";
import type { Tone } from "../../../state/state-view.ts";
import { lengthOf, type Piece, type Segment, type SegmentKind, type Totals } from "./timeline.ts";

/** A length of time, exact below a tenth of a second. */
export const exactly = (ms: number): string => (ms < 100 ? `${Math.round(ms)} ms` : duration(ms));

/** What a stretch is called. */
export function segmentWord({ kind, phase }: Pick<Segment, "kind" | "phase">): string {
  const backward = phase === "rollback";
  switch (kind) {
    case "queued":
      return backward ? "waiting to roll back" : "waiting";
    case "running":
      return backward ? "rolling back" : "running";
    case "pausing":
      return backward ? "pausing rollback" : "pausing";
    case "paused":
      return backward ? "rollback paused" : "paused";
    case "cancelling":
      return backward ? "giving up rollback" : "cancelling";
    case "rolled_back":
      return "rolled back";
    case "rollback_failed":
      return "rollback failed";
    case "retrying":
      return "waiting to retry";
    case "crashed":
      return "crashed and recovered";
    case "sleeping":
    case "succeeded":
    case "failed":
    case "cancelled":
      return kind;
  }
}

const TONES: Readonly<Record<SegmentKind, Tone>> = {
  queued: "waiting",
  sleeping: "waiting",
  running: "running",
  pausing: "paused",
  paused: "paused",
  cancelling: "cancelling",
  retrying: "failed",
  crashed: "failed",
  failed: "failed",
  rollback_failed: "failed",
  succeeded: "succeeded",
  cancelled: "cancelled",
  rolled_back: "undo",
};

export function segmentTone({ kind, phase }: Pick<Segment, "kind" | "phase">): Tone {
  const works = kind === "running" || kind === "queued";
  return phase === "rollback" && works ? "undo" : TONES[kind];
}

/** `paused by dana for 14 m 2 s`, without the reason. */
export function segmentText(segment: Segment, now: number): string {
  const length = `for ${exactly(lengthOf(segment, now))}`;
  const attempt = segment.attempt > 1 ? `, attempt ${segment.attempt}` : "";
  const by = segment.actor === null ? "" : ` by ${segment.actor}`;
  const open = segment.to === null;
  switch (segment.kind) {
    case "queued":
      return waitText(segment, now);
    case "sleeping":
      return `${open ? "sleeping" : "slept"} ${length}`;
    case "retrying":
      return `failed, ${open ? "waiting" : "waited"} ${length} to try again`;
    case "crashed":
      return open
        ? `crashed, waiting ${length} to go on`
        : `crashed and recovered, taken up after ${exactly(lengthOf(segment, now))}`;
    case "running":
      return `${runText(segment, by)} ${length}${placeText(segment)}${attempt}`;
    case "pausing":
      return `pause asked${by}, pending ${length}`;
    case "paused":
      return `${segment.phase === "rollback" ? "rollback paused" : "paused"}${by} ${length}`;
    case "cancelling":
      return `${segment.by === "terminate" ? "terminated" : "cancelled"}${by}, ${open ? "stopping" : "stopped"} ${open ? length : `after ${exactly(lengthOf(segment, now))}`}`;
    case "succeeded":
    case "failed":
    case "cancelled":
    case "rolled_back":
    case "rollback_failed":
      return `${segmentWord(segment)}, and stayed so ${length}`;
  }
}

function runText({ phase, by, to }: Segment, asker: string): string {
  if (phase === "rollback") return to === null ? "rolling back" : "rolled back";
  return `${by === "resume" ? `pause withdrawn${asker}, ` : ""}${to === null ? "running" : "ran"}`;
}

/** `, from 41,200 rows on` */
function placeText({ place }: Segment): string {
  if (place === null) return "";
  if (place.done === null) return `, from checkpoint ${count(place.checkpoint)} on`;
  return `, from ${count(place.done)}${place.unit === null ? "" : ` ${place.unit}`} on`;
}

function waitText(segment: Segment, now: number): string {
  const { by, actor, phase, to } = segment;
  const waits = `${to === null ? "waiting" : "waited"} ${exactly(lengthOf(segment, now))}`;
  const asker = actor === null ? "" : ` by ${actor}`;
  switch (by) {
    case "submit":
      return `submitted${asker}, ${waits}`;
    case "resume":
      return `resumed${asker}, ${waits} for a worker`;
    case "retry":
      return `retried${asker}, ${waits} for a worker`;
    case "cancel":
    case "terminate":
    case "rollback":
      return `rollback asked${asker}, ${waits} for a worker`;
    case "halt":
      if (phase === "forward") return `set down at a checkpoint, ${waits} for a worker`;
      return `${waits} to roll back`;
    case "fail":
      return `failed, ${waits}${phase === "rollback" ? " to roll back" : ""}`;
    case "claim":
    case "lost":
    case "pause":
    case "succeed":
    case "abandon":
    case "stall":
    case "edit":
    case "refused":
    case "repeated":
      return phase === "rollback" ? `${waits} to roll back` : waits;
  }
}

/** Of a piece of the band. */
export function pieceText({ segments, longest, ms }: Piece, now: number): string {
  if (segments.length === 1) return [segmentText(longest, now), ...asides(longest)].join(" · ");
  const kinds = [...Map.groupBy(segments, segmentWord)].map(([word, { length }]) => `${word} ${times(length)}`);
  return `${exactly(ms)} in ${count(segments.length)} short stretches: ${kinds.join(", ")}`;
}

/** What went wrong before, and why it was asked for. */
export const asides = ({ problem, reason }: Segment): readonly string[] =>
  [problem, reason].filter((text): text is string => text !== null && text !== "");

/** `15 m 3 s in all · paused twice, 14 m · killed once` */
export function totalsText({ spanMs, isOpen, pauses, pausedMs, crashes, failures }: Totals): string {
  const parts = [`${exactly(spanMs)} ${isOpen ? "so far" : "from submit to end"}`];
  if (pauses > 0) parts.push(`paused ${times(pauses)}${pauses > 1 ? "," : " for"} ${exactly(pausedMs)}`);
  if (crashes > 0) parts.push(`killed ${times(crashes)}`);
  if (failures > 0) parts.push(`failed ${times(failures)}`);
  return parts.join(" · ");
}

function times(value: number): string {
  if (value === 1) return "once";
  return value === 2 ? "twice" : `${count(value)} times`;
}
