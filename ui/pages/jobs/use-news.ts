// What happened to a list since it was read: jobs that belong into it, and jobs of it that belong there no longer.
import { useEffect, useRef, useState } from "react";
import { onJobsChange } from "../../data/live.ts";
import type { JobsFilter } from "./jobs-search.ts";
import { matches } from "./matches.ts";

export interface News {
  readonly added: number;
  readonly left: number;
}

interface Listed {
  /** The filter, as JSON. */
  readonly key: string;
  readonly ids: readonly string[];
  readonly listed: ReadonlySet<string>;
  readonly hasMore: boolean;
  /** Another one: the list was read anew. */
  readonly round: string;
}

interface Changed {
  readonly added: ReadonlySet<string>;
  readonly left: ReadonlySet<string>;
}

const NONE: Changed = { added: new Set(), left: new Set() };

export function useNews({ key, ids, listed, hasMore, round }: Listed): News {
  const [changed, setChanged] = useState(NONE);
  const present = useRef({ ids, listed, hasMore });
  present.current = { ids, listed, hasMore };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was new is in the list that was read anew.
  useEffect(() => setChanged(NONE), [round]);
  useEffect(() => {
    const filter: JobsFilter = JSON.parse(key);
    /** Jobs beyond the loaded part come when it is scrolled to. */
    const isInReach = (id: string) => {
      const last = present.current.ids.at(-1);
      if (!present.current.hasMore || last === undefined) return true;
      return filter.order !== "oldest" && id > last;
    };
    return onJobsChange((items, removed) => {
      const added: string[] = [];
      const left: string[] = [...removed];
      const back: string[] = [];
      for (const job of items) {
        const isListed = present.current.listed.has(job.id);
        if (!matches(job, filter)) left.push(job.id);
        else if (isListed) back.push(job.id);
        else if (isInReach(job.id)) added.push(job.id);
      }
      setChanged((before) => changedBy(before, { added, left, back, listed: present.current.listed }));
    });
  }, [key]);
  return { added: changed.added.size, left: changed.left.size };
}

interface Change {
  readonly added: readonly string[];
  /** They fit no longer, listed or not. */
  readonly left: readonly string[];
  /** They are listed, and fit. */
  readonly back: readonly string[];
  readonly listed: ReadonlySet<string>;
}

/** The same object when nothing changed, so that nothing is drawn again. */
function changedBy(before: Changed, { added, left, back, listed }: Change): Changed {
  const isSame =
    added.every((id) => before.added.has(id)) &&
    left.every((id) => !before.added.has(id) && (before.left.has(id) || !listed.has(id))) &&
    back.every((id) => !before.left.has(id));
  if (isSame) return before;
  const gone = new Set(left);
  const returned = new Set(back);
  return {
    added: new Set([...before.added, ...added].filter((id) => !gone.has(id))),
    left: new Set([...before.left, ...left.filter((id) => listed.has(id))].filter((id) => !returned.has(id))),
  };
}
