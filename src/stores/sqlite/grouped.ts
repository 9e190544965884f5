// Group commit on this side of the thread: callers who ask for the same thing while a message is being made up become
// one batch, one statement. Order among different operations is kept, because only the last one waiting takes members.

import type { Connection } from "./connection.ts";
import type { Outgoing } from "./outbox.ts";
import type { Argument } from "./protocol.ts";

/** A batch grows to about this many members. A caller's own larger one is never split. */
const MOST_MEMBERS = 1_000;

export interface GroupSpec<Member, Answer> {
  readonly operation: Outgoing["operation"];
  readonly bulk: boolean;
  /** When given, no two members of a batch have the same: what comes later goes into a later statement. */
  readonly apart?: (member: Member) => string;
  /** A member as the statement takes it, by position. What it throws rejects this caller only. */
  readonly encode: (member: Member) => readonly unknown[];
  /** What the operation takes after the members; `encoded` is one JSON text a member. */
  readonly more?: (members: readonly Member[], encoded: readonly string[]) => readonly Argument[];
  /** One answer a member, in order. */
  readonly decode: (answer: string, members: readonly Member[]) => readonly Answer[];
}

interface Part<Answer> {
  readonly from: number;
  readonly to: number;
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch<Member, Answer> {
  readonly members: Member[];
  readonly encoded: string[];
  readonly taken: Set<string>;
  readonly parts: Part<Answer>[];
  readonly outgoing: Outgoing;
}

type Addition<Member> = readonly (readonly [member: Member, encoded: string])[];

/** Answers a function that stores members in a batch with those of others. */
export function createGrouped<Member, Answer>(
  connection: Connection,
  spec: GroupSpec<Member, Answer>,
): (members: readonly Member[]) => Promise<readonly Answer[]> {
  let current: Batch<Member, Answer> | null = null;

  function settle(batch: Batch<Member, Answer>, answer: string): void {
    try {
      const answers = spec.decode(answer, batch.members);
      for (const part of batch.parts) part.resolve(answers.slice(part.from, part.to));
    } catch (error) {
      for (const part of batch.parts) part.reject(error);
    }
  }

  // Something is wrong with a member, and nobody knows with which: each caller learns it of its own.
  function separate(batch: Batch<Member, Answer>): void {
    for (const part of batch.parts) {
      const addition: Addition<Member> = batch.members
        .slice(part.from, part.to)
        .map((member, index) => [member, batch.encoded[part.from + index] ?? "null"]);
      const alone = begin();
      join(alone, addition, part);
      alone.outgoing.open = false;
      connection.enqueue(alone.outgoing);
    }
  }

  function begin(): Batch<Member, Answer> {
    const batch: Batch<Member, Answer> = {
      members: [],
      encoded: [],
      taken: new Set(),
      parts: [],
      outgoing: {
        operation: spec.operation,
        bulk: spec.bulk,
        open: true,
        args: () => [`[${batch.encoded.join()}]`, ...(spec.more?.(batch.members, batch.encoded) ?? [])],
        done: (answer) => settle(batch, answer),
        failed(error) {
          if (error.code === "internal" && batch.parts.length > 1) separate(batch);
          else for (const part of batch.parts) part.reject(error);
        },
      },
    };
    return batch;
  }

  function join(
    batch: Batch<Member, Answer>,
    addition: Addition<Member>,
    { resolve, reject }: Pick<Part<Answer>, "resolve" | "reject">,
  ): void {
    const from = batch.members.length;
    for (const [member, encoded] of addition) {
      batch.members.push(member);
      batch.encoded.push(encoded);
      if (spec.apart) batch.taken.add(spec.apart(member));
    }
    batch.parts.push({ from, to: batch.members.length, resolve, reject });
  }

  function fits(batch: Batch<Member, Answer>, addition: Addition<Member>): boolean {
    if (!batch.outgoing.open || batch.members.length + addition.length > MOST_MEMBERS) return false;
    return !addition.some(([member]) => spec.apart && batch.taken.has(spec.apart(member)));
  }

  function add(addition: Addition<Member>): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      const joined = current && fits(current, addition) ? current : null;
      const batch = joined ?? begin();
      current = batch;
      join(batch, addition, { resolve, reject });
      if (!joined) connection.enqueue(batch.outgoing);
    });
  }

  return async (members) => {
    if (members.length === 0) return [];
    const addition: Addition<Member> = members.map((member) => [member, JSON.stringify(spec.encode(member))]);
    const { apart } = spec;
    if (!apart) return add(addition);
    const runs = runsApart(addition, ([member]) => apart(member));
    return runs.length === 1 ? add(addition) : (await Promise.all(runs.map(add))).flat();
  };
}

/** Cuts members into runs in which no two have the same name. */
function runsApart<T>(items: readonly T[], nameOf: (item: T) => string): T[][] {
  const runs: T[][] = [];
  let run: T[] = [];
  let names = new Set<string>();
  for (const item of items) {
    const name = nameOf(item);
    if (names.has(name)) {
      runs.push(run);
      run = [];
      names = new Set();
    }
    names.add(name);
    run.push(item);
  }
  runs.push(run);
  return runs;
}
