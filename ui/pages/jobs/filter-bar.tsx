// Which jobs are listed. All of it stands in the address. On a phone all but the states folds away.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { RefreshCw, SlidersHorizontal, X } from "lucide-react";
import { useId, useState } from "react";
import type { State } from "../../../src/client/index.ts";
import { READS } from "../../data/server.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { classes } from "../../parts/class-names.ts";
import { STATE_VIEWS, STATES_IN_ORDER } from "../../state/state-view.ts";
import { type FilterSearch, filterSearch, type JobsSearch, statesOf, withoutUndefined } from "./jobs-search.ts";
import { LabelFilter } from "./label-filter.tsx";

interface FilterBarProps {
  readonly search: JobsSearch;
  readonly onRefresh: () => void;
}

const selectClasses =
  "h-8 max-w-[200px] rounded border border-line-strong bg-surface px-2 text-ink text-sm max-sm:w-full";

export function FilterBar({ search, onRefresh }: FilterBarProps) {
  const navigate = useNavigate();
  const [isUnfolded, setUnfolded] = useState(false);
  const id = useId();
  const { data: stats } = useQuery(READS.stats);
  const set = (change: FilterSearch) => {
    const next = withoutUndefined({ ...filterSearch(search), ...change });
    void navigate({ to: "/jobs", search: next, replace: true, resetScroll: false });
  };
  const { order = "newest", ...narrowing } = filterSearch(search);
  const isFiltered = Object.keys(narrowing).length > 0;
  const folded = [search.type, search.queue, search.label].filter((value) => value !== undefined).length;

  return (
    <search aria-label="Filter jobs" className="flex min-w-0 flex-col gap-2">
      <StateChips search={search} counts={stats?.states} onChange={(state) => set({ state })} />
      <div className="flex items-center gap-2 sm:hidden">
        <Button small aria-expanded={isUnfolded} aria-controls={id} onClick={() => setUnfolded(!isUnfolded)}>
          <SlidersHorizontal aria-hidden size={14} />
          Filters{folded > 0 ? ` (${folded})` : ""}
        </Button>
        {isFiltered && <Clear />}
      </div>
      <div
        id={id}
        className={classes(
          "flex flex-wrap items-center gap-2 max-sm:grid max-sm:grid-cols-2",
          !isUnfolded && "max-sm:hidden",
        )}
      >
        <Choice
          label="Type"
          value={search.type}
          known={stats?.types.map(({ type }) => type) ?? []}
          all="All types"
          onChange={(type) => set({ type })}
        />
        <Choice
          label="Queue"
          value={search.queue}
          known={stats?.queues.map(({ queue }) => queue) ?? []}
          all="All queues"
          onChange={(queue) => set({ queue })}
        />
        <LabelFilter value={search.label} onChange={(label) => set({ label })} />
        <select
          aria-label="Order"
          className={selectClasses}
          value={order}
          onChange={(event) => set({ order: event.target.value === "oldest" ? "oldest" : undefined })}
        >
          <option value="newest">Newest first</option>
          <option value="oldest">Oldest first</option>
        </select>
        <Button small look="quiet" className="h-8 max-sm:justify-self-start" onClick={onRefresh}>
          <RefreshCw aria-hidden size={13} />
          Refresh
        </Button>
        {isFiltered && (
          <span className="max-sm:hidden">
            <Clear />
          </span>
        )}
      </div>
    </search>
  );
}

function Clear() {
  const navigate = useNavigate();
  return (
    <Button
      look="quiet"
      small
      className="h-8"
      onClick={() => void navigate({ to: "/jobs", search: {}, replace: true, resetScroll: false })}
    >
      <X aria-hidden size={14} />
      Clear filters
    </Button>
  );
}

interface StateChipsProps {
  readonly search: JobsSearch;
  readonly counts: Readonly<Record<State, number>> | undefined;
  readonly onChange: (state: string | undefined) => void;
}

function StateChips({ search, counts, onChange }: StateChipsProps) {
  const chosen = statesOf(search);
  const toggle = (state: State) => {
    const next = STATES_IN_ORDER.filter((name) => (name === state) !== chosen.includes(name));
    onChange(next.length === 0 ? undefined : next.join(","));
  };
  return (
    <fieldset className="m-0 flex min-w-0 gap-1.5 overflow-x-auto border-0 p-0.5 [scrollbar-width:thin] max-sm:-mx-3 max-sm:px-3">
      <legend className="sr-only">States</legend>
      {STATES_IN_ORDER.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={chosen.includes(state)}
          onClick={() => toggle(state)}
          className={classes(
            "inline-flex h-8 shrink-0 items-center gap-1.5 whitespace-nowrap rounded-full border px-2.5 text-sm",
            chosen.includes(state)
              ? "border-accent bg-running-tint text-running"
              : "border-line bg-surface text-muted hover:border-line-strong hover:text-ink",
          )}
        >
          {STATE_VIEWS[state].word}
          <span className={classes("figures min-w-2 text-xs", (counts?.[state] ?? 0) > 0 && "font-semibold text-ink")}>
            {counts ? count(counts[state]) : " "}
          </span>
        </button>
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly known: readonly string[];
  readonly all: string;
  readonly onChange: (value: string | undefined) => void;
}

/** What the address names is offered too, though no such job may be there. */
function Choice({ label, value, known, all, onChange }: ChoiceProps) {
  const names = value === undefined || known.includes(value) ? known : [...known, value];
  return (
    <select
      aria-label={label}
      className={selectClasses}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{all}</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name.replaceAll(",", ", ")}
        </option>
      ))}
    </select>
  );
}
