// Calls on their way to a thread and back. What is asked while messages are under way gathers, and travels together.
// Invariant: every call that is taken in is settled exactly once, by its answer or by `abort`.
import { PawlError } from "../../domain/errors.ts";
import type { Writer } from "./operations.ts";
import type { Argument, Call, Reply } from "./protocol.ts";

export type OperationName = keyof Writer;

/** A call that waits to be sent. As long as it is `open`, members may be added to it. */
export interface Outgoing {
  readonly operation: OperationName;
  /** May wait behind all others. */
  readonly bulk: boolean;
  open: boolean;
  /** Asked when it is sent. */
  readonly args: () => readonly Argument[];
  readonly done: (answer: string) => void;
  readonly failed: (error: PawlError) => void;
}

export interface Outbox {
  readonly empty: boolean;
  add(outgoing: Outgoing): void;
  /** Hands what waits to `post`, as far as messages may be under way. */
  flush(): void;
  receive(replies: readonly Reply[]): void;
  /** Fails everything that is not answered yet. */
  abort(error: PawlError): void;
}

interface Lane {
  /** How many messages may be under way: enough to keep the thread busy, few enough that calls gather meanwhile. */
  readonly most: number;
  readonly bulk: boolean;
  waiting: Outgoing[];
  underWay: number;
}

interface Sent {
  readonly outgoing: Outgoing;
  readonly lane: Lane;
  /** Its answer makes room for another message. */
  readonly last: boolean;
}

export function createOutbox(post: (calls: readonly Call[], bulk: boolean) => void): Outbox {
  const urgent: Lane = { most: 4, bulk: false, waiting: [], underWay: 0 };
  const bulk: Lane = { most: 2, bulk: true, waiting: [], underWay: 0 };
  const sent = new Map<number, Sent>();
  let lastId = 0;

  function send(lane: Lane): void {
    if (lane.waiting.length === 0 || lane.underWay >= lane.most) return;
    const batch = lane.waiting;
    lane.waiting = [];
    lane.underWay += 1;
    const calls = batch.map((outgoing, index) => {
      outgoing.open = false;
      lastId += 1;
      sent.set(lastId, { outgoing, lane, last: index === batch.length - 1 });
      return { id: lastId, operation: outgoing.operation, args: outgoing.args() };
    });
    post(calls, lane.bulk);
  }

  function receiveOne(reply: Reply): void {
    const entry = sent.get(reply[0]);
    if (!entry) return;
    sent.delete(reply[0]);
    if (entry.last) entry.lane.underWay -= 1;
    if (reply[1]) entry.outgoing.done(reply[2]);
    else entry.outgoing.failed(new PawlError(reply[2], reply[3]));
  }

  return {
    get empty() {
      return sent.size === 0 && urgent.waiting.length === 0 && bulk.waiting.length === 0;
    },
    add(outgoing) {
      const { waiting } = outgoing.bulk ? bulk : urgent;
      const before = waiting.at(-1);
      if (before) before.open = false;
      waiting.push(outgoing);
    },
    flush() {
      send(urgent);
      send(bulk);
    },
    receive(replies) {
      for (const reply of replies) receiveOne(reply);
    },
    abort(error) {
      const unanswered = [...sent.values()].map((entry) => entry.outgoing);
      sent.clear();
      for (const lane of [urgent, bulk]) unanswered.push(...lane.waiting.splice(0));
      for (const outgoing of unanswered) outgoing.failed(error);
    },
  };
}
