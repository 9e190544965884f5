// What a job remembers: results of steps, and its journal.
import { CHANGE } from "./fragments.ts";

// Most writes find nothing to reset, and leave the job's row alone. By rowid.
export const countProgress = `
  UPDATE jobs SET crash_count = 0, stalled = 0 WHERE n = ? AND (crash_count > 0 OR stalled)
  RETURNING ${CHANGE} AS change`;

// The unique index of steps keeps the first result.
export const saveStep = `
  INSERT INTO steps (job, run, phase, name, result) SELECT n, run, phase, ?2, ?3 FROM jobs WHERE n = ?1
  ON CONFLICT DO NOTHING`;
// A range of that index, sorted.
export const steps = `
  SELECT json_array(s.name, s.result) AS record FROM jobs AS j CROSS JOIN steps AS s
  WHERE j.id = ? AND s.job = j.n AND s.run = j.run AND s.phase = j.phase
  ORDER BY s.ord`;

// Numbers for ?2 entries: answers the last of them. By rowid, as the other statements on journals.
export const countEntries = `
  INSERT INTO journals (job, last_seq, size) VALUES (?1, ?2, ?2)
  ON CONFLICT (job) DO UPDATE SET last_seq = last_seq + ?2, size = size + ?2
  RETURNING last_seq`;
// ?2 is the seq before the first. At the end of the job's range of the primary key.
export const appendEntries = `
  INSERT INTO journal (job, seq, entry) SELECT ?1, ?2 + 1 + key, value FROM json_each(?3)`;
// The end of the job's range, backwards.
export const newestEntries = `
  SELECT json_array(e.seq, e.entry) AS record FROM journal AS e
  WHERE e.job = (SELECT n FROM jobs WHERE id = ?) ORDER BY e.seq DESC LIMIT +?`;
export const journalSize = "SELECT size FROM journals WHERE job = (SELECT n FROM jobs WHERE id = ?)";
// One seek of the primary key each.
export const removeEntries = "DELETE FROM journal WHERE job = ?1 AND seq IN (SELECT value FROM json_each(?2))";
export const discountEntries = "UPDATE journals SET size = size - ?2 WHERE job = ?1";
