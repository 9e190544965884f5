// Which loops of an attempt are open: a loop that begins while another one's item is worked on is its inner loop.
// Invariant: only the innermost open loop moves. Loops side by side cannot be told from loops one inside the other, and
// their places would be mixed up, so they are refused.
import type { Json } from "../domain/job.ts";
import type { LoopPlace } from "./position.ts";

/** An item, or a batch, that a loop has handed out. */
export interface HeldItem {
  /** Where the loop stands once the item is done. */
  readonly after: LoopPlace;
  /** A target already holds that place: what the handler still does with the item is not repeated. */
  committed: boolean;
}

export interface OpenLoop {
  readonly name: string;
  /** The names of the loops around it and its own: `accounts/users`. */
  readonly path: string;
  /**
   * Tells which item of the loops around it the loop belongs to: the number of each and its cursor, because rows that
   * come or go meanwhile give an item another number. `undefined` for an outermost loop.
   */
  readonly of: string | undefined;
  /** The handler works on `item` from now on. */
  hold(item: HeldItem): void;
  /** Throws a `TypeError` while an inner loop is open, or when this loop was closed from outside. */
  refuseInner(what: string): void;
  /** The handler is done with the item. Answers whether inner loops ran for it. Throws like `refuseInner`. */
  release(): boolean;
  /** Whatever is still open inside of the loop is closed with it. */
  close(): void;
}

export interface LoopNest {
  /** Throws a `TypeError` when a loop of this name cannot begin here. */
  open(name: string): OpenLoop;
}

interface Level {
  readonly name: string;
  readonly path: string;
  readonly outer: Level | null;
  /** Numbers and cursors of the items around it. */
  readonly marks: readonly Json[];
  /** `null` while the loop looks for its next item. */
  item: HeldItem | null;
  /** The names of the loops that began inside the item. */
  readonly inner: Set<string>;
}

export function createLoopNest(): LoopNest {
  const names = new Set<string>();
  let innermost: Level | null = null;

  const refuseInner = (level: Level, what: string) => {
    if (innermost === level) return;
    throw new TypeError(
      isOpen(level)
        ? `The loop "${level.path}" ${what} while its inner loop "${innermost?.path}" is open. Loops of a job run one inside the other or one after the other, never side by side.`
        : `The loop "${level.path}" goes on although the loop around it has moved on. Finish an inner loop within its outer item.`,
    );
  };
  const isOpen = (level: Level) => chainOf(innermost).includes(level);

  const openLoop = (level: Level): OpenLoop => ({
    name: level.name,
    path: level.path,
    of: level.outer ? JSON.stringify(level.marks) : undefined,
    hold(item) {
      level.item = item;
    },
    refuseInner: (what) => refuseInner(level, what),
    release() {
      refuseInner(level, "was asked for its next item");
      level.item = null;
      const hadInner = level.inner.size > 0;
      if (hadInner) level.inner.clear();
      return hadInner;
    },
    close() {
      if (isOpen(level)) innermost = level.outer;
    },
  });

  return {
    open(name) {
      const outer = innermost;
      refuseToBegin(name, outer);
      const siblings = outer?.inner ?? names;
      if (siblings.has(name)) throw nameTaken(name, `already ran in this ${outer ? `item of "${outer.path}"` : "job"}`);
      siblings.add(name);
      const marks = outer?.item ? [...outer.marks, outer.item.after.done, outer.item.after.at] : [];
      const level = { name, path: pathOf(name, outer), outer, marks, item: null, inner: new Set<string>() };
      innermost = level;
      return openLoop(level);
    },
  };
}

function refuseToBegin(name: string, outer: Level | null): void {
  if (!outer) return;
  if (!outer.item) {
    throw new TypeError(
      `The loop "${name}" began while the loop "${outer.path}" was looking for its next item. Loops of a job run one inside the other or one after the other, never side by side: to work on several items at once, take batches and wait for all of a batch.`,
    );
  }
  if (outer.item.committed) {
    throw new TypeError(
      `The loop "${name}" began after the batch of "${outer.path}" around it was committed, so it would not go on after an interruption. Commit the batch last.`,
    );
  }
  if (chainOf(outer).some((level) => level.name === name)) throw nameTaken(name, "is open around this one");
}

function nameTaken(name: string, where: string): TypeError {
  return new TypeError(`A loop named "${name}" ${where}. Give each loop of a job its own \`name\`.`);
}

/** The loop and those around it, from the inside out. */
function chainOf(innermost: Level | null): readonly Level[] {
  const chain: Level[] = [];
  for (let level = innermost; level; level = level.outer) chain.push(level);
  return chain;
}

/** A slash in a name is written as `~1`, so that no name looks like a path. */
function pathOf(name: string, outer: Level | null): string {
  const own = name.replaceAll("~", "~0").replaceAll("/", "~1");
  return outer ? `${outer.path}/${own}` : own;
}
