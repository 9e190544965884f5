// Where an attempt stands: what its next checkpoint will say. It holds only what is done, never what is under way,
// so that it can be committed at any moment.
import type { JobRecord, Json } from "../domain/job.ts";

/** How far one loop is: the source's cursor after the last finished batch, and how many items that were. */
export interface LoopPlace {
  readonly at: Json;
  readonly done: number;
  /** The item of the loops around it that the place belongs to. Missing for an outermost loop. */
  readonly of?: string;
}

/** An artifact as of the last finished batch. */
export interface FilePlace {
  readonly id: string;
  readonly size: number;
  readonly mediaType: string;
}

/** The place of the loop at `path`; names that objects have by nature are no places. */
export function placeIn(loops: Readonly<Record<string, LoopPlace>>, path: string): LoopPlace | null {
  return Object.hasOwn(loops, path) ? (loops[path] ?? null) : null;
}

/** What a checkpoint's cursor holds. */
export interface Place {
  readonly own: Json;
  /** By the loop's path. */
  readonly loops: Readonly<Record<string, LoopPlace>>;
  readonly files: Readonly<Record<string, FilePlace>>;
}

export interface Position {
  readonly place: Place;
  /** Something is done that no checkpoint holds yet. */
  readonly dirty: boolean;
  setOwn(cursor: Json): void;
  setLoop(path: string, loop: LoopPlace): void;
  /** The item that the loop's inner loops belonged to is done: forgets their places. */
  dropInner(path: string): void;
  setFile(name: string, file: FilePlace): void;
  /** Takes the next number: every commit, to Pawl's store or to a target, has one of its own. */
  nextSeq(): number;
  /** A target is ahead of the store: go on from its number. */
  catchUp(seq: number): void;
  /** The checkpoint numbered `nextSeq` was built from the present place. */
  markSaved(): void;
  /** That checkpoint was not committed after all. */
  markUnsaved(): void;
}

const EMPTY: Place = { own: null, loops: {}, files: {} };

export function createPosition(record: JobRecord): Position {
  let seq = record.checkpoint.seq;
  let place = readPlace(record.checkpoint.cursor);
  let dirty = false;
  const change = (next: Partial<Place>) => {
    place = { ...place, ...next };
    dirty = true;
  };
  return {
    get place() {
      return place;
    },
    get dirty() {
      return dirty;
    },
    setOwn: (own) => change({ own }),
    setLoop: (path, loop) => change({ loops: { ...place.loops, [path]: loop } }),
    dropInner: (path) => {
      const outside = Object.entries(place.loops).filter(([other]) => !other.startsWith(`${path}/`));
      change({ loops: Object.fromEntries(outside) });
    },
    setFile: (name, file) => change({ files: { ...place.files, [name]: file } }),
    nextSeq: () => {
      seq += 1;
      return seq;
    },
    catchUp: (other) => {
      seq = Math.max(seq, other);
    },
    markSaved: () => {
      dirty = false;
    },
    markUnsaved: () => {
      dirty = true;
    },
  };
}

/** The place as JSON: the cursor of a checkpoint. */
export function placeAsJson(place: Place): Json {
  return place as unknown as Json;
}

/** Reads a cursor that `placeAsJson` wrote; anything else counts as the start. */
function readPlace(cursor: Json): Place {
  if (cursor === null || typeof cursor !== "object" || !("loops" in cursor)) return EMPTY;
  return { ...EMPTY, ...(cursor as unknown as Place) };
}
