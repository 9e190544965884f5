// Notices between processes of one database: whoever listens is woken once for all that came until it was woken.
import type { Agenda } from "./agenda.ts";
import type { SimulatedDatabase } from "./database.ts";

export interface Notices {
  /** What a process announces: sent now, or as soon after its last one as the program allows. */
  announce(process: number, work: boolean): void;
}

/** Calls `act` at once, and not again before `everyMs` have passed: then once for all calls meanwhile. */
export function createPacer(agenda: Agenda, everyMs: number, act: () => void): () => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    agenda.after(Math.max(0, lastAt + everyMs - agenda.now), () => {
      isDue = false;
      lastAt = agenda.now;
      act();
    });
  };
}

export interface NoticesOptions {
  readonly agenda: Agenda;
  readonly database: SimulatedDatabase;
  readonly listeners: number;
  readonly perListenerMs: number;
  readonly sendEveryMs: number;
  /** A listener has heard that there is work. */
  readonly onWork: (listener: number) => void;
}

/** CPU time of the statement itself, in ms. */
const SEND_MS = 0.1;
/** Listeners that the server wakes in one piece, before it does something else. */
const PIECE = 100;

export function createNotices(options: NoticesOptions): Notices {
  const { agenda, database, listeners, perListenerMs, sendEveryMs, onWork } = options;
  const isWaking = new Uint8Array(listeners);
  const heard = new Uint32Array(listeners);
  const senders = new Map<number, () => void>();
  let works = 0;

  function wake(piece: readonly number[]): void {
    database.run({
      purpose: "notices",
      begin: () => ({ cpuMs: piece.length * perListenerMs, writes: false }),
      done() {
        for (const listener of piece) {
          isWaking[listener] = 0;
          if (heard[listener] === works) continue;
          heard[listener] = works;
          onWork(listener);
        }
      },
    });
  }

  function wakeAll(): void {
    let piece: number[] = [];
    for (let listener = 0; listener < listeners; listener += 1) {
      if (isWaking[listener] === 1) continue;
      isWaking[listener] = 1;
      piece.push(listener);
      if (piece.length < PIECE) continue;
      wake(piece);
      piece = [];
    }
    if (piece.length > 0) wake(piece);
  }

  const send = () =>
    database.run({ purpose: "notices", begin: () => ({ cpuMs: SEND_MS, writes: false }), done: wakeAll });

  return {
    announce(process, work) {
      if (work) works += 1;
      const known = senders.get(process);
      if (known) return known();
      const sender = createPacer(agenda, sendEveryMs, send);
      senders.set(process, sender);
      sender();
    },
  };
}
