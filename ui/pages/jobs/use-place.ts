// Where a person is in the list, and which jobs are chosen. Both stand in the address, so that a link shows the same.
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { CHOSEN_IN_ADDRESS, chosenIds, filterSearch, type JobsSearch, withoutUndefined } from "./jobs-search.ts";

export interface Place {
  /** The job that keys act on. */
  readonly active: string | null;
  /** How often keys have moved it: the focus follows each time. */
  readonly moves: number;
  readonly picked: ReadonlySet<string>;
  /** All that match the filter, loaded or not. */
  readonly isAll: boolean;
  setActive(id: string): void;
  /** To the job so many rows further. */
  move(by: number): void;
  /** Picks a job or lets it go; `isRange`: with all between it and the last one. */
  toggle(id: string, isRange: boolean): void;
  pickAll(ids: readonly string[]): void;
  chooseAll(): void;
  clear(): void;
}

const NOBODY: ReadonlySet<string> = new Set();
/** The address follows after a while: browsers do not like to change it many times a second. */
const SETTLED_MS = 300;

export function usePlace(search: JobsSearch, ids: readonly string[], isStale: boolean): Place {
  const [active, setActiveId] = useState<string | null>(search.at === "first" ? null : (search.at ?? null));
  const [moves, setMoves] = useState(0);
  const [picked, setPicked] = useState<ReadonlySet<string>>(() => new Set(chosenIds(search.chosen)));
  const [isAll, setAll] = useState(search.chosen === "all");
  const present = useRef({ ids, active, picked });
  present.current = { ids, active, picked };

  const setActive = useCallback((id: string) => setActiveId(id), []);
  const go = useCallback((id: string) => {
    setActiveId(id);
    setMoves((before) => before + 1);
  }, []);
  const move = useCallback(
    (by: number) => {
      const { ids: all, active: from } = present.current;
      const index = from === null ? -1 : all.indexOf(from);
      const id = all[index < 0 ? 0 : Math.min(all.length - 1, Math.max(0, index + by))];
      if (id !== undefined) go(id);
    },
    [go],
  );
  const clear = useCallback(() => {
    setPicked(NOBODY);
    setAll(false);
  }, []);
  const lastPicked = useRef<string>(undefined);
  const toggle = useCallback((id: string, isRange: boolean) => {
    setAll(false);
    const { ids: all, picked: before } = present.current;
    const next = new Set(before);
    if (next.has(id)) next.delete(id);
    else for (const between of rangeOf(all, isRange ? lastPicked.current : undefined, id)) next.add(between);
    lastPicked.current = id;
    setPicked(next);
  }, []);
  const pickAll = useCallback((all: readonly string[]) => setPicked(new Set(all)), []);
  const chooseAll = useCallback(() => setAll(true), []);

  useFreshFilter(search, clear, setActiveId);
  useFirst(search.at === "first" && !isStale, ids[0], go);
  useAddress(search, { active, picked, isAll });

  return useMemo(
    () => ({ active, moves, picked, isAll, setActive, move, toggle, pickAll, chooseAll, clear }),
    [active, moves, picked, isAll, setActive, move, toggle, pickAll, chooseAll, clear],
  );
}

function rangeOf(ids: readonly string[], from: string | undefined, to: string): readonly string[] {
  const ends = [from === undefined ? -1 : ids.indexOf(from), ids.indexOf(to)].toSorted((a, b) => a - b);
  const [first = -1, last = -1] = ends;
  return first < 0 ? [to] : ids.slice(first, last + 1);
}

/** What was chosen under another filter may not be on the screen any more, and must not be acted upon. */
function useFreshFilter(search: JobsSearch, clear: () => void, setActive: (id: string | null) => void): void {
  const key = JSON.stringify(filterSearch(search));
  const last = useRef(key);
  useEffect(() => {
    if (last.current === key) return;
    last.current = key;
    clear();
    setActive(null);
  }, [key, clear, setActive]);
}

/** A search leads to the first job that it finds, so that a key can act on it at once. */
function useFirst(isWanted: boolean, first: string | undefined, go: (id: string) => void): void {
  useEffect(() => {
    if (isWanted && first !== undefined) go(first);
  }, [isWanted, first, go]);
}

function useAddress(search: JobsSearch, { active, picked, isAll }: Pick<Place, "active" | "picked" | "isAll">): void {
  const navigate = useNavigate();
  const chosen = isAll ? "all" : [...picked].slice(0, CHOSEN_IN_ADDRESS).join(",") || undefined;
  const at = active ?? undefined;
  const isFirstWanted = search.at === "first" && active === null;
  useEffect(() => {
    if (isFirstWanted || (search.chosen === chosen && search.at === at)) return;
    const timer = setTimeout(() => {
      const next = withoutUndefined({ ...filterSearch(search), chosen, at });
      void navigate({ to: "/jobs", search: next, replace: true, resetScroll: false });
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [chosen, at, isFirstWanted, search, navigate]);
}
