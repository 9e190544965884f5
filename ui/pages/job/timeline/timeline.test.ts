import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryEntry } from "../../../../src/client/index.ts";
import { piecesOf, type Segment, timelineOf, totalsOf } from "./timeline.ts";
import { pieceText, segmentText, totalsText } from "./timeline-text.ts";

type Told = Pick<HistoryEntry, "at" | "kind" | "state"> & Partial<HistoryEntry>;

const historyOf = (...told: readonly Told[]): readonly HistoryEntry[] =>
  told.map((entry, index) => ({
    seq: index + 1,
    actor: "worker:1",
    reason: null,
    attempt: 1,
    phase: "forward",
    data: null,
    ...entry,
  }));

const start = [
  { at: 0, kind: "submit", state: "queued", actor: "dana" },
  { at: 5, kind: "claim", state: "running" },
] as const satisfies readonly Told[];

const words = (segments: readonly Segment[]) =>
  segments.map(({ kind, phase, from, to }) => `${phase === "rollback" ? "undo " : ""}${kind} ${from}-${to ?? ""}`);

test("a job that runs has waited, and goes on", () => {
  const { segments, endedAt } = timelineOf(historyOf(...start));
  assert.deepEqual(words(segments), ["queued 0-5", "running 5-"]);
  assert.equal(endedAt, null);
  assert.deepEqual(
    segments.map((segment) => segmentText(segment, 2_005)),
    ["submitted by dana, waited 5 ms", "running for 2.0 s"],
  );
});

test("an attempt says where it goes on: after a crash only by its checkpoint, beyond which more may have been told", () => {
  const from = { checkpoint: 36, done: 41_200, unit: "rows" };
  const { segments } = timelineOf(
    historyOf(
      ...start,
      { at: 10, kind: "halt", state: "queued", data: { cause: "drain" } },
      { at: 20, kind: "claim", state: "running", data: { worker: "1", from } },
      { at: 3_020, kind: "lost", state: "queued" },
      { at: 3_030, kind: "claim", state: "running", data: { worker: "2", from } },
    ),
  );
  const texts = segments.map((segment) => segmentText(segment, 4_030));
  assert.equal(texts[3], "ran for 3.0 s, from 41,200 rows on");
  assert.equal(texts[5], "running for 1.0 s, from checkpoint 36 on");
});

test("a pause is told with whoever asked and why, and apart from the way there", () => {
  const { segments, endedAt } = timelineOf(
    historyOf(
      ...start,
      { at: 1_000, kind: "pause", state: "pausing", actor: "dana", reason: "wrong file?" },
      { at: 1_300, kind: "halt", state: "paused", data: { cause: "pause" } },
      { at: 841_300, kind: "resume", state: "queued", actor: "lee" },
      { at: 841_301, kind: "claim", state: "running" },
      { at: 850_000, kind: "succeed", state: "succeeded" },
    ),
  );
  assert.deepEqual(words(segments), [
    "queued 0-5",
    "running 5-1000",
    "pausing 1000-1300",
    "paused 1300-841300",
    "queued 841300-841301",
    "running 841301-850000",
  ]);
  assert.equal(endedAt, 850_000);
  const texts = segments.map((segment) => pieceText({ segments: [segment], longest: segment, ms: 0 }, 0));
  assert.equal(texts[2], "pause asked by dana, pending for 0.3 s · wrong file?");
  assert.equal(texts[3], "paused by dana for 14 m 0 s · wrong file?");
  assert.equal(texts[4], "resumed by lee, waited 1 ms for a worker");
  assert.equal(texts[5], "ran for 8.6 s");
  assert.equal(totalsText(totalsOf(segments, 0)), "14 m 10 s from submit to end · paused once for 14 m 0 s");
});

test("a crash is a stretch of its own until the job is taken up again", () => {
  const { segments } = timelineOf(
    historyOf(
      ...start,
      { at: 4_000, kind: "lost", state: "queued", actor: "pawl", data: { worker: "1" } },
      { at: 4_200, kind: "claim", state: "running" },
    ),
  );
  assert.deepEqual(words(segments), ["queued 0-5", "running 5-4000", "crashed 4000-4200", "running 4200-"]);
  assert.equal(segments[2]?.problem, "its process died");
  assert.equal(totalsOf(segments, 5_000).crashes, 1);
});

test("an acknowledged pause holds though the process dies", () => {
  const { segments } = timelineOf(
    historyOf(
      ...start,
      { at: 10, kind: "pause", state: "pausing", actor: "dana", reason: "stop" },
      { at: 20, kind: "lost", state: "paused", actor: "pawl" },
    ),
  );
  const paused = segments.at(-1);
  assert.equal(paused?.kind, "paused");
  assert.equal(paused?.actor, "dana");
  assert.equal(paused?.problem, "its process died");
});

test("a cancel with undo leads through its rollback, which is told with whoever asked for it", () => {
  const { segments, endedAt } = timelineOf(
    historyOf(
      ...start,
      { at: 100, kind: "cancel", state: "cancelling", actor: "dana", reason: "swapped columns" },
      { at: 150, kind: "halt", state: "queued", phase: "rollback", data: { cause: "cancel" } },
      { at: 151, kind: "claim", state: "running", phase: "rollback" },
      { at: 160, kind: "pause", state: "pausing", phase: "rollback", actor: "lee", reason: "wait" },
      { at: 170, kind: "halt", state: "paused", phase: "rollback", data: { cause: "pause" } },
      { at: 180, kind: "resume", state: "queued", phase: "rollback", actor: "lee" },
      { at: 181, kind: "claim", state: "running", phase: "rollback" },
      { at: 300, kind: "succeed", state: "rolled_back", phase: "rollback" },
    ),
  );
  assert.deepEqual(words(segments), [
    "queued 0-5",
    "running 5-100",
    "cancelling 100-150",
    "undo queued 150-151",
    "undo running 151-160",
    "undo pausing 160-170",
    "undo paused 170-180",
    "undo queued 180-181",
    "undo running 181-300",
  ]);
  assert.deepEqual(
    segments.map(({ actor, reason }) => `${actor} ${reason}`),
    [
      "dana null",
      "null null",
      "dana swapped columns",
      "dana swapped columns",
      "dana swapped columns",
      "lee wait",
      "lee wait",
      "lee null",
      "dana swapped columns",
    ],
  );
  assert.equal(endedAt, 300);
});

test("a failure is waited out before the next attempt, and one that is undone is not", () => {
  const failed = { kind: "fail", data: { code: "broken", message: "The pipe broke." } } as const;
  const { segments } = timelineOf(
    historyOf(
      ...start,
      { ...failed, at: 50, state: "queued" },
      { at: 60, kind: "claim", state: "running", attempt: 2 },
      { ...failed, at: 70, state: "queued", phase: "rollback", attempt: 2 },
      { at: 80, kind: "claim", state: "running", phase: "rollback" },
    ),
  );
  assert.deepEqual(words(segments), [
    "queued 0-5",
    "running 5-50",
    "retrying 50-60",
    "running 60-70",
    "undo queued 70-80",
    "undo running 80-",
  ]);
  assert.equal(segments[2]?.problem, "The pipe broke.");
  assert.equal(segments[3]?.attempt, 2);
  assert.equal(segments[4]?.actor, null);
});

test("a job that sleeps is told from one that a stopping server set down", () => {
  const { segments } = timelineOf(
    historyOf(
      ...start,
      { at: 10, kind: "halt", state: "queued", data: { cause: "sleep" } },
      { at: 20, kind: "claim", state: "running" },
      { at: 30, kind: "halt", state: "queued", data: { cause: "drain" } },
      { at: 40, kind: "claim", state: "running" },
    ),
  );
  assert.deepEqual(words(segments), [
    "queued 0-5",
    "running 5-10",
    "sleeping 10-20",
    "running 20-30",
    "queued 30-40",
    "running 40-",
  ]);
});

test("what moves nothing is no stretch", () => {
  const { segments } = timelineOf(
    historyOf(
      ...start,
      { at: 10, kind: "refused", state: "running", actor: "dana" },
      { at: 11, kind: "stall", state: "running" },
      { at: 12, kind: "repeated", state: "running", actor: "dana" },
      { at: 13, kind: "abandon", state: "running" },
    ),
  );
  assert.deepEqual(words(segments), ["queued 0-5", "running 5-"]);
});

test("a job that is run again keeps the time between its end and that", () => {
  const { segments, endedAt } = timelineOf(
    historyOf(
      ...start,
      { at: 10, kind: "fail", state: "failed", data: { code: "broken", message: "no" } },
      { at: 100, kind: "retry", state: "queued", actor: "dana", reason: "mended" },
      { at: 110, kind: "claim", state: "running" },
      { at: 120, kind: "succeed", state: "succeeded" },
    ),
  );
  assert.deepEqual(words(segments), [
    "queued 0-5",
    "running 5-10",
    "failed 10-100",
    "queued 100-110",
    "running 110-120",
  ]);
  assert.equal(endedAt, 120);
});

test("a cancel that is escalated is told with both who asked", () => {
  const { segments } = timelineOf(
    historyOf(
      ...start,
      { at: 10, kind: "cancel", state: "cancelling", actor: "dana" },
      { at: 20, kind: "terminate", state: "cancelling", actor: "lee", reason: "it hangs" },
      { at: 30, kind: "halt", state: "cancelled" },
    ),
  );
  assert.deepEqual(
    segments.map((segment) => segmentText(segment, 30)),
    [
      "submitted by dana, waited 5 ms",
      "ran for 5 ms",
      "cancelled by dana, stopped after 10 ms",
      "terminated by lee, stopped after 10 ms",
    ],
  );
});

test("a history without entries has no stretches", () => {
  assert.deepEqual(timelineOf([]), { segments: [], endedAt: null });
});

const manyPauses = historyOf(
  ...start,
  ...Array.from({ length: 300 }, (_, index): readonly Told[] => [
    { at: 1_000 + index * 100, kind: "pause", state: "pausing", actor: "dana" },
    { at: 1_010 + index * 100, kind: "halt", state: "paused" },
    { at: 1_050 + index * 100, kind: "resume", state: "queued", actor: "dana" },
    { at: 1_051 + index * 100, kind: "claim", state: "running" },
  ]).flat(),
  { at: 1_000_000, kind: "succeed", state: "succeeded" },
);

test("hundreds of stretches become as few pieces as there is room for, and none is lost", () => {
  const { segments } = timelineOf(manyPauses);
  for (const most of [200, 50, 1]) {
    const pieces = piecesOf(segments, 1_000_000, most);
    assert.ok(pieces.length <= most, `${pieces.length} pieces where ${most} fit`);
    assert.deepEqual(
      pieces.flatMap((piece) => piece.segments),
      segments,
    );
  }
  const [first] = piecesOf(segments, 1_000_000, 3);
  assert.equal(
    first && pieceText(first, 0),
    "16 s in 602 short stretches: waiting 151 times, running 151 times, pausing 150 times, paused 150 times",
  );
});

test("a few stretches are each a piece, however short", () => {
  const { segments } = timelineOf(historyOf(...start, { at: 900_000, kind: "succeed", state: "succeeded" }));
  assert.equal(piecesOf(segments, 900_000, 10).length, 2);
});
