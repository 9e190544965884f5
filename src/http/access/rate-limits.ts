// How often a token may call, and how often an address may be wrong. In memory, bounded, and by a clock that never goes
// back: a wall clock that is set would lock callers out, or let them in without limit.
import { isIPv6 } from "node:net";
import { PawlError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";

export interface TokenRates {
  /** Counts a request. Throws `rate_limited` when there were too many. */
  take(tokenId: string): void;
}

interface Bucket {
  left: number;
  at: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** So many are kept before those that tell nothing any more are dropped. */
const BUCKETS_MAX = 1_000;

/** A bucket per token, refilled evenly: `perSecond` requests a second, and as many at once. */
export function createTokenRates(perSecond: number, clock: Pick<Clock, "monotonic">): TokenRates {
  const buckets = new Map<string, Bucket>();

  /** A bucket that was not touched for a second is full again: as good as none. */
  function dropFull(now: number): void {
    for (const [id, { at }] of buckets) if (now - at >= SECOND_MS) buckets.delete(id);
  }

  return {
    take(tokenId) {
      const now = clock.monotonic();
      let bucket = buckets.get(tokenId);
      if (!bucket) {
        if (buckets.size >= BUCKETS_MAX) dropFull(now);
        bucket = { left: perSecond, at: now };
        buckets.set(tokenId, bucket);
      }
      bucket.left = Math.min(perSecond, bucket.left + ((now - bucket.at) * perSecond) / SECOND_MS);
      bucket.at = now;
      if (bucket.left < 1) {
        throw new PawlError(
          "rate_limited",
          `This token has made more than ${perSecond} requests a second, its limit. Wait a moment, then go on.`,
        );
      }
      bucket.left -= 1;
    },
  };
}

/** Counts what happens too often in a minute, by whatever tells those apart who do it. */
export interface MinuteCounts {
  /** Answers how long to wait in ms when there were more than allowed; 0: there were not. */
  count(key: string): number;
}

/** Keys that are remembered: of more, those are forgotten whose minute began first. */
const KEYS_MAX = 10_000;

/** Counts up to `max` a minute for each key. */
export function createMinuteCounts(max: number, clock: Pick<Clock, "monotonic">): MinuteCounts {
  const minutes = new Map<string, { readonly since: number; times: number }>();
  return {
    count(key) {
      const now = clock.monotonic();
      let minute = minutes.get(key);
      if (!minute || now - minute.since >= MINUTE_MS) {
        minute = { since: now, times: 0 };
        // Deleted first, so that the map stays in the order of time.
        minutes.delete(key);
        minutes.set(key, minute);
        const [oldest] = minutes.keys();
        if (minutes.size > KEYS_MAX && oldest !== undefined) minutes.delete(oldest);
      }
      minute.times += 1;
      return minute.times > max ? minute.since + MINUTE_MS - now : 0;
    },
  };
}

/** Wrong credentials that an address may show in a minute before it is told to wait. */
export const FAILURES_MAX = 20;
/** Sessions that a token may start in a minute. */
export const SIGN_INS_MAX = 60;

/** Whoever has one IPv6 address has its whole /64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = [...groups, ...Array<string>(missing).fill("0"), ...(tail ? tail.split(":") : [])];
  return all.slice(0, 4).join(":");
}
