// What an attempt writes while it runs. Jobs by the unique index on id, locked in the order of n.
import type { AttemptMark } from "../../../ports/store.ts";
import { CHANGE, FEW, holds, isOf, NOW, numberOf } from "./fragments.ts";

/** The jobs of the members whose lease holds, locked: `p` brings [id, workerId, token, ...]. */
const HELD = `
  p AS (SELECT v, ${numberOf("v ->> 0")} AS n FROM jsonb_array_elements($1::jsonb) AS e (v) WHERE ${FEW} ORDER BY n),
  held AS MATERIALIZED (
    SELECT h.n, p.v FROM p CROSS JOIN LATERAL (
      SELECT j.n FROM pawl.jobs AS j WHERE j.n = p.n AND ${holds("j", "p")} FOR UPDATE
    ) AS h
  )`;

const GROWS = "((t.v ->> 3)::bigint > j.seq)";

// Members: [id, workerId, token, seq, cursor, progress], each job once.
export const checkpoint = `
  WITH ${HELD}
  UPDATE pawl.jobs AS j SET
    seq = greatest(j.seq, (t.v ->> 3)::bigint),
    cursor = CASE WHEN ${GROWS} THEN t.v ->> 4 ELSE j.cursor END,
    progress = CASE WHEN ${GROWS} THEN t.v ->> 5 ELSE j.progress END,
    saved_at = CASE WHEN ${GROWS} THEN ${NOW} ELSE j.saved_at END,
    crash_count = CASE WHEN ${GROWS} THEN 0 ELSE j.crash_count END,
    stalled = j.stalled AND NOT ${GROWS}
  FROM held AS t WHERE ${isOf("j", "t")}
  RETURNING ${CHANGE} AS change`;

// Members: [id, workerId, token, progress], each job once.
export const reportProgress = `
  WITH ${HELD}
  UPDATE pawl.jobs AS j SET progress = t.v ->> 3 FROM held AS t WHERE ${isOf("j", "t")}
  RETURNING ${CHANGE} AS change`;

// $1 id, $2 workerId, $3 token. Answers nothing where the lease is lost, and no change where the mark was there already.
const marked = (column: AttemptMark, kind: string) => `
  WITH held AS MATERIALIZED (
    SELECT n, ${column} AS was FROM pawl.jobs WHERE id = $1 AND worker_id = $2 AND token = $3::int FOR UPDATE
  ),
  changed AS (
    UPDATE pawl.jobs AS j SET ${column} = true, event_seq = j.event_seq + 1
    FROM held WHERE j.n = held.n AND NOT held.was
    RETURNING j.*
  ),
  recorded AS (
    INSERT INTO pawl.history (job, seq, at, kind, actor, attempt, state, phase)
    SELECT n, event_seq, ${NOW}, '${kind}', 'worker:' || worker_id, attempt, state, phase FROM changed
  )
  SELECT (SELECT ${CHANGE} FROM changed) AS change FROM held`;
export const mark: Readonly<Record<AttemptMark, string>> = {
  abandoned: marked("abandoned", "abandon"),
  stalled: marked("stalled", "stall"),
};
