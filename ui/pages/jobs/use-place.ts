// Where a person is in the list, and which jobs are selected. Both stand in the address, so that a link shows the same.
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { filterSearch, type JobsSearch, SELECTED_IN_ADDRESS, selectedIds, withoutUndefined } from "./jobs-search.ts";

export interface Place {
  /** The job that keys act on. */
  readonly active: string | null;
  /** How often keys have moved it: the focus follows each time. */
  readonly moves: number;
  readonly selected: ReadonlySet<string>;
  /** Everything that matches is selected. */
  readonly isAll: boolean;
  setActive(id: string): void;
  /** To the job so many rows further. */
  move(by: number): void;
  /** Selects a job or lets it go; `isRange`: with all between it and the last one. */
  toggle(id: string, isRange: boolean): void;
  /** All that the list holds so far. */
  selectLoaded(): void;
  /** All that match the filter, loaded or not. */
  selectAll(): void;
  clear(): void;
}

const NOBODY: ReadonlySet<string> = new Set();
/** The address follows after a while: browsers do not like to change it many times a second. */
const SETTLED_MS = 300;

export function usePlace(search: JobsSearch, ids: readonly string[], isStale: boolean): Place {
  const [active, setActiveId] = useState<string | null>(search.at === "first" ? null : (search.at ?? null));
  const [moves, setMoves] = useState(0);
  const [selected, setSelected] = useState<ReadonlySet<string>>(() => new Set(selectedIds(search.selected)));
  const [isAll, setAll] = useState(search.selected === "all");
  const present = useRef({ ids, selected });
  present.current = { ids, selected };

  const go = useCallback((id: string) => {
    setActiveId(id);
    setMoves((before) => before + 1);
  }, []);
  const move = (by: number) => {
    const index = active === null ? -1 : ids.indexOf(active);
    const id = ids[index < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, index + by))];
    if (id !== undefined) go(id);
  };
  const clear = useCallback(() => {
    setSelected(NOBODY);
    setAll(false);
  }, []);
  const lastSelected = useRef<string>(undefined);
  const toggle = useCallback((id: string, isRange: boolean) => {
    setAll(false);
    const { ids: all, selected: before } = present.current;
    const next = new Set(before);
    if (next.has(id)) next.delete(id);
    else for (const between of rangeOf(all, isRange ? lastSelected.current : undefined, id)) next.add(between);
    lastSelected.current = id;
    setSelected(next);
  }, []);

  useFreshFilter(search, clear, setActiveId);
  useFirst(search.at === "first" && !isStale, ids[0], go);
  useAddress(search, { active, selected, isAll });

  return {
    active,
    moves,
    selected,
    isAll,
    setActive: setActiveId,
    move,
    toggle,
    selectLoaded: () => setSelected(new Set(ids)),
    selectAll: () => setAll(true),
    clear,
  };
}

function rangeOf(ids: readonly string[], from: string | undefined, to: string): readonly string[] {
  const ends = [from === undefined ? -1 : ids.indexOf(from), ids.indexOf(to)].toSorted((a, b) => a - b);
  const [first = -1, last = -1] = ends;
  return first < 0 ? [to] : ids.slice(first, last + 1);
}

/** What was selected under another filter may not be on the screen any more, and must not be acted upon. */
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

function useAddress(
  search: JobsSearch,
  { active, selected, isAll }: Pick<Place, "active" | "selected" | "isAll">,
): void {
  const navigate = useNavigate();
  const inAddress = isAll ? "all" : [...selected].slice(0, SELECTED_IN_ADDRESS).join(",") || undefined;
  const at = active ?? undefined;
  const isFirstWanted = search.at === "first" && active === null;
  useEffect(() => {
    if (isFirstWanted || (search.selected === inAddress && search.at === at)) return;
    const timer = setTimeout(() => {
      const next = withoutUndefined({ ...filterSearch(search), selected: inAddress, at });
      void navigate({ to: "/jobs", search: next, replace: true, resetScroll: false });
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [inAddress, at, isFirstWanted, search, navigate]);
}
