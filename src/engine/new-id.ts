// Ids of jobs and workers: UUIDs of version 7 (RFC 9562), each greater than the one before, so that the order of ids is
// the order of submits even within a millisecond.
import { v7 } from "uuid";
import type { Clock } from "../ports/clock.ts";

/** Random bytes are drawn for this many ids at once: a draw for each costs more than all the rest of an id. */
const IDS_A_DRAW = 256;
const BYTES_AN_ID = 16;
/** What the counter within a millisecond can hold. */
const COUNTER_LIMIT = 2 ** 32;
/** The counter starts below this, so that it does not run out within a millisecond. */
const COUNTER_START = 2 ** 31;

/** Creates a source of ids for one process. */
export function createIdSource(clock: Clock): () => string {
  const pool = new Uint8Array(IDS_A_DRAW * BYTES_AN_ID);
  let used = pool.length;
  let msecs = 0;
  let seq = 0;

  const draw = () => {
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    used += BYTES_AN_ID;
    return pool.subarray(used - BYTES_AN_ID, used);
  };

  return () => {
    const random = draw();
    const now = clock.now();
    seq += 1;
    if (now > msecs || seq === COUNTER_LIMIT) {
      msecs = Math.max(now, msecs + 1);
      seq = new DataView(random.buffer, random.byteOffset).getUint32(0) % COUNTER_START;
    }
    return v7({ msecs, seq, random });
  };
}
