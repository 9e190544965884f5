// All jobs, the newest first: found by filters, steered one by one, by keys, or many at once.
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Action } from "../../../src/client/index.ts";
import { ACTIONS } from "../../../src/domain/lifecycle.ts";
import { useMay } from "../../data/session.ts";
import { useShortcuts } from "../../data/shortcuts.ts";
import { buttonClasses } from "../../parts/button.tsx";
import { useMayAsk } from "../../parts/job-actions.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { useSteering } from "../../parts/use-steering.tsx";
import { ACTION_VIEWS } from "../../state/actions.ts";
import type { Selection } from "./bulk.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { BulkDialog } from "./bulk-dialog.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { JobTable } from "./job-table.tsx";
import { filterOf, filterSearch } from "./jobs-search.ts";
import { NewsButton } from "./news-button.tsx";
import { NoJobs } from "./no-jobs.tsx";
import { useJobList } from "./use-job-list.ts";
import { type Place, usePlace } from "./use-place.ts";

export function Jobs() {
  const search = useSearch({ from: "/jobs" });
  const key = JSON.stringify(filterSearch(search));
  const filter = useMemo(() => filterOf(JSON.parse(key)), [key]);
  const list = useJobList(filter);
  const place = usePlace(search, list.ids, list.isStale);
  const { selected, isAll, clear } = place;
  const mayOperate = useMay("operate");
  const mayAsk = useMayAsk();
  const { act, dialog } = useSteering();
  const [bulkAction, setBulkAction] = useState<Action>();
  const selection = useMemo<Selection>(
    () => (isAll ? { kind: "all", filter } : { kind: "some", ids: [...selected] }),
    [isAll, filter, selected],
  );
  const hasSelection = isAll || selected.size > 0;
  const actByKey = (action: Action) => {
    // Rows of the filter before are about to go.
    if (!mayAsk(action) || list.isStale) return;
    if (hasSelection) setBulkAction(action);
    else if (place.active !== null) act(place.active, action);
  };
  useListKeys(place, actByKey, mayOperate);

  return (
    <div className="flex flex-col gap-4">
      <PageHead
        title="Jobs"
        actions={
          mayOperate && (
            <Link to="/new" className={`${buttonClasses("primary")} no-underline`}>
              New job
            </Link>
          )
        }
      />
      <FilterBar search={search} onRefresh={list.refresh} />
      {list.problem !== null && (
        <ProblemNotice problem={list.problem} what="The jobs could not be read." onRetry={list.refresh} />
      )}
      <div className="relative min-h-[480px]">
        <NewsButton news={list.news} onShow={list.refresh} />
        {list.ids.length > 0 ? (
          <JobTable list={list} place={place} canSelect={mayOperate} onAction={act} />
        ) : (
          !list.isLoading && !list.isStale && list.problem === null && <NoJobs search={search} />
        )}
      </div>
      {hasSelection && (
        <BulkBar
          selection={selection}
          mayAsk={mayAsk}
          onSelectAll={place.selectAll}
          onClear={clear}
          onAsk={setBulkAction}
        />
      )}
      {bulkAction && (
        <BulkDialog
          selection={selection}
          action={bulkAction}
          onClose={() => setBulkAction(undefined)}
          onDone={() => {
            setBulkAction(undefined);
            clear();
          }}
        />
      )}
      {dialog}
    </div>
  );
}

function useListKeys(place: Place, actByKey: (action: Action) => void, canSelect: boolean): void {
  const navigate = useNavigate();
  const { active: id } = place;
  const open = () => id !== null && void navigate({ to: "/jobs/$id", params: { id } });
  const actions = ACTIONS.map((action) => [ACTION_VIEWS[action].key, () => actByKey(action)]);
  useShortcuts({
    ...Object.fromEntries(actions),
    j: () => place.move(1),
    k: () => place.move(-1),
    Escape: place.clear,
    ...(id === null ? {} : { Enter: open, ...(canSelect ? { " ": () => place.toggle(id, false) } : {}) }),
  });
}
