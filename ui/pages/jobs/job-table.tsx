// The list as a table of which only the visible rows exist. It loads on before its end is reached.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Action } from "../../../src/client/index.ts";
import { cachedJob } from "../../data/job-cache.ts";
import { classes } from "../../parts/class-names.ts";
import { COLUMNS, JobRow } from "./job-row.tsx";
import type { JobList } from "./use-job-list.ts";
import type { Place } from "./use-place.ts";

interface JobTableProps {
  readonly list: JobList;
  readonly place: Place;
  readonly canSelect: boolean;
  readonly onAction: (id: string, action: Action) => void;
}

const ROW_PX = 56;
const HEADS = [
  { name: "State", look: "" },
  { name: "Job", look: "" },
  { name: "Progress", look: "" },
  { name: "Queue, worker", look: "max-lg:hidden" },
  { name: "Age", look: "max-lg:hidden text-right" },
  { name: "Actions", look: "text-right" },
] as const;
/** On a phone a row is a card. */
const CARD_PX = 148;
/** Rows before the end at which the next page is read. */
const AHEAD = 120;
/** What the top line and the head of the table cover, and the bar of the selected jobs below. */
const COVERED_TOP_PX = 104;
const COVERED_BOTTOM_PX = 96;

const narrow = matchMedia("(max-width: 639px)");
const useIsNarrow = () =>
  useSyncExternalStore(
    (listener) => {
      narrow.addEventListener("change", listener);
      return () => narrow.removeEventListener("change", listener);
    },
    () => narrow.matches,
  );

export function JobTable({ list, place, canSelect, onAction }: JobTableProps) {
  const { ids, hasMore, isStale, loadMore, restore } = list;
  const { active, selected, isAll } = place;
  const rowPx = useIsNarrow() ? CARD_PX : ROW_PX;
  const body = useRef<HTMLTableSectionElement>(null);
  const scrollMargin = useTop(body);
  useFromTheTop(list.round);
  const rows = useWindowVirtualizer({
    count: ids.length,
    estimateSize: () => rowPx,
    overscan: 10,
    scrollMargin,
    scrollPaddingStart: COVERED_TOP_PX,
    scrollPaddingEnd: COVERED_BOTTOM_PX,
    getItemKey: (index) => ids[index] ?? index,
  });
  const shown = rows.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when they change their height.
  useEffect(() => rows.measure(), [rowPx]);
  useEffect(() => {
    if (hasMore && last >= ids.length - AHEAD) loadMore();
  }, [hasMore, last, ids.length, loadMore]);
  useEffect(() => {
    for (let index = first; index <= last; index += 1) {
      const id = ids[index];
      if (id !== undefined && cachedJob(id) === undefined) restore(index);
    }
  }, [first, last, ids, restore]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the keys, and not the list.
  useEffect(() => {
    const index = active === null ? -1 : ids.indexOf(active);
    if (active === null || index < 0) return;
    rows.scrollToIndex(index, { align: "auto" });
    if (place.moves > 0) focusSoon(body.current, active);
  }, [place.moves]);

  const areAllSelected = isAll || (ids.length > 0 && selected.size >= ids.length);
  return (
    <table
      aria-label="Jobs"
      aria-rowcount={hasMore ? -1 : ids.length + 1}
      aria-busy={isStale}
      className={classes("panel block overflow-clip", isStale && "opacity-70 transition-opacity delay-200")}
    >
      <TableHead areAllSelected={areAllSelected} canSelect={canSelect} place={place} />
      <tbody ref={body} className="relative block" style={{ height: rows.getTotalSize() }}>
        {shown.map(({ index, key, start }) => (
          <JobRow
            key={key}
            id={ids[index] ?? ""}
            index={index}
            top={start - scrollMargin}
            height={rowPx}
            isActive={ids[index] === active}
            isSelected={isAll || selected.has(ids[index] ?? "")}
            canSelect={canSelect}
            onSelect={place.toggle}
            onFocus={place.setActive}
            onAction={onAction}
          />
        ))}
      </tbody>
    </table>
  );
}

interface TableHeadProps extends Pick<JobTableProps, "canSelect" | "place"> {
  readonly areAllSelected: boolean;
}

function TableHead({ areAllSelected, canSelect, place }: TableHeadProps) {
  return (
    <thead className="sticky top-14 z-10 block border-line border-b bg-surface max-sm:hidden">
      <tr aria-rowindex={1} className={classes("h-9 px-3 font-medium text-muted text-xs", COLUMNS)}>
        <th scope="col" className="flex p-0 text-left font-medium">
          {canSelect ? (
            <label className="grid size-7 place-items-center">
              <input
                type="checkbox"
                aria-label="Select all loaded jobs"
                className="size-4 accent-accent"
                checked={areAllSelected}
                onChange={() => (areAllSelected ? place.clear() : place.selectLoaded())}
              />
            </label>
          ) : (
            <span className="sr-only">Selected</span>
          )}
        </th>
        {HEADS.map(({ name, look }) => (
          <th key={name} scope="col" className={classes("p-0 text-left font-medium", look)}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** Where in the document the rows begin, in px. */
function useTop(body: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      if (body.current) setTop(Math.round(body.current.getBoundingClientRect().top + scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [body]);
  return top;
}

/** A list that was read anew is read from its top: where one was in the other list means nothing in it. */
function useFromTheTop(round: string): void {
  const last = useRef(round);
  useLayoutEffect(() => {
    if (last.current === round) return;
    last.current = round;
    scrollTo({ top: 0, behavior: "instant" });
  }, [round]);
}

/** A row that is far away is there a few frames after it was scrolled to. */
const FRAMES = 20;

function focusSoon(body: HTMLElement | null, id: string, frames = FRAMES): void {
  const link = body?.querySelector<HTMLElement>(`[data-job="${CSS.escape(id)}"] [data-open]`);
  if (link) link.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusSoon(body, id, frames - 1));
}
