// Keeps an attempt's cursor in the author's own database, beside the rows that it wrote: both change in one transaction.
// The first use in an attempt writes its token there, which shuts earlier attempts out.
import type { Json } from "../domain/job.ts";
import type { EffectsTarget, Fence, TargetPosition } from "../ports/effects.ts";
import type { Attempt } from "./attempt.ts";
import { type LoopPlace, placeIn } from "./position.ts";

/** One target, as one attempt uses it. */
export interface TargetSession {
  /** Where the target says that the loop is; `null` before its first commit. */
  loop(path: string): LoopPlace | null;
  /** Runs `work`, and moves the loop's place with it when one is given. */
  commit<R>(work: (tx: never) => R, loop?: { readonly path: string; readonly place: LoopPlace }): Promise<Awaited<R>>;
}

export interface TargetSessions {
  /** The session of this target in this attempt, entered once. Rejects with `FenceLost`. */
  of(target: EffectsTarget<unknown>): Promise<TargetSession>;
}

export function createTargetSessions(attempt: Attempt): TargetSessions {
  const { record } = attempt;
  const fence: Fence = { jobId: record.id, run: record.run, phase: record.phase, token: record.token };
  const sessions = new Map<EffectsTarget<unknown>, Promise<TargetSession>>();

  const enter = async (target: EffectsTarget<unknown>): Promise<TargetSession> => {
    let position: TargetPosition = await target.enter(fence);
    attempt.position.catchUp(position.seq);
    // Each commit expects the one before: two at once would shut each other out.
    let before: Promise<unknown> = Promise.resolve();
    return {
      loop: (path) => placeIn(loopsOf(position.cursor), path),
      commit<R>(work: (tx: never) => R, loop?: { readonly path: string; readonly place: LoopPlace }) {
        const result = before.then(async (): Promise<Awaited<R>> => {
          const loops = loop ? { ...loopsOf(position.cursor), [loop.path]: loop.place } : loopsOf(position.cursor);
          const next = { seq: attempt.position.nextSeq(), cursor: loops as unknown as Json };
          // Sessions are found by their target, so `work` takes just what this target gives; the map cannot say so.
          const call = work as (tx: unknown) => R;
          const done = await target.commit(fence, { expectedSeq: position.seq, next }, call);
          position = next;
          return done;
        });
        before = result.catch(() => {});
        return result;
      },
    };
  };

  // A database that did not answer may answer the next time.
  const forget = (target: EffectsTarget<unknown>, error: unknown): never => {
    sessions.delete(target);
    throw error;
  };

  return {
    of(target) {
      const session = sessions.get(target) ?? enter(target).catch((error: unknown) => forget(target, error));
      sessions.set(target, session);
      return session;
    },
  };
}

function loopsOf(cursor: Json): Readonly<Record<string, LoopPlace>> {
  return cursor !== null && typeof cursor === "object" && !Array.isArray(cursor)
    ? (cursor as unknown as Record<string, LoopPlace>)
    : {};
}
