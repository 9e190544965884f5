// The lines of one job's log that the page holds: its end, what comes, and older pages as they are asked for. They are
// always one stretch without gaps, by `seq`.
import type { LogLine } from "../../../../src/client/index.ts";
import { server } from "../../../data/server.ts";

export interface LogState {
  readonly lines: readonly LogLine[];
  /** Whether the end of the log was read. */
  readonly isReady: boolean;
  /** Whether the server may have lines before the first one. */
  readonly hasOlder: boolean;
  readonly isReading: boolean;
  /** Why the last read failed. */
  readonly problem: unknown;
}

export interface JobLog {
  readonly state: LogState;
  subscribe(listener: () => void): () => void;
  /** Reads the end of the log; resolves with the last `seq`. May be called again, and then goes on after the last line. */
  open(signal: AbortSignal): Promise<number>;
  append(lines: readonly LogLine[]): void;
  loadOlder(): Promise<void>;
}

const PAGE = 1_000;
/** New lines are shown at most this often. */
const TAKEN_EVERY_MS = 250;
/** Held at most while lines come; the oldest go, and can be loaded again. */
const HELD = 200_000;

const EMPTY: LogState = { lines: [], isReady: false, hasOlder: false, isReading: false, problem: null };

export function createJobLog(id: string): JobLog {
  let state = EMPTY;
  const listeners = new Set<() => void>();
  const set = (change: Partial<LogState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const lastSeq = () => state.lines.at(-1)?.seq ?? 0;

  let coming: readonly LogLine[] = [];
  let due: ReturnType<typeof setTimeout> | undefined;

  /** Lines may come in many small frames. */
  const append = (lines: readonly LogLine[]) => {
    coming = [...coming, ...lines];
    due ??= setTimeout(take, TAKEN_EVERY_MS);
  };

  const take = () => {
    const lines = coming;
    coming = [];
    clearTimeout(due);
    due = undefined;
    const last = lastSeq();
    const added = lines.filter(({ seq }) => seq > last);
    if (added.length === 0) return;
    // The server has dropped lines that came while nobody followed.
    if (last > 0 && added[0]?.seq !== last + 1) return set({ lines: added, hasOlder: false });
    const all = [...state.lines, ...added];
    set(all.length > HELD ? { lines: all.slice(-HELD), hasOlder: true } : { lines: all });
  };

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async open(signal) {
      if (!state.isReady) {
        const { lines, hasOlder } = await readEnd(id, signal);
        set({ lines, hasOlder, isReady: true });
      }
      take();
      return lastSeq();
    },
    append,
    async loadOlder() {
      const first = state.lines[0]?.seq ?? 1;
      if (state.isReading || !state.hasOlder) return;
      set({ isReading: true, problem: null });
      try {
        const after = Math.max(0, first - 1 - PAGE);
        const page = await server.logs(id, { after, limit: Math.max(1, first - 1 - after) });
        const older = page.filter(({ seq }) => seq < first);
        const isAll = after === 0 || older[0]?.seq !== after + 1;
        // Of a log that grows too long the server drops the first lines, at any moment.
        const fits = older.at(-1)?.seq === first - 1;
        set({ lines: fits ? [...older, ...state.lines] : state.lines, hasOlder: fits && !isAll, isReading: false });
      } catch (problem) {
        set({ isReading: false, problem });
      }
    },
  };
}

interface End {
  readonly lines: readonly LogLine[];
  readonly hasOlder: boolean;
}

/** The last lines. Of a long log the end is looked for, in steps that double and then halve. */
async function readEnd(id: string, signal: AbortSignal): Promise<End> {
  const first = await server.logs(id, { limit: PAGE }, { signal });
  const last = first.at(-1)?.seq ?? 0;
  if (first.length < PAGE) return { lines: first, hasOlder: false };
  const isThere = async (after: number) => (await server.logs(id, { after, limit: 1 }, { signal })).length > 0;
  let [there, beyond] = [last, last + PAGE];
  while (await isThere(beyond)) [there, beyond] = [beyond, beyond + 2 * (beyond - last)];
  while (beyond - there > PAGE) {
    const middle = Math.floor((there + beyond) / 2);
    if (await isThere(middle)) there = middle;
    else beyond = middle;
  }
  if (there === last)
    return { lines: [...first, ...(await server.logs(id, { after: last }, { signal }))], hasOlder: false };
  return { lines: await server.logs(id, { after: there - PAGE, limit: 10 * PAGE }, { signal }), hasOlder: true };
}
