// All jobs, the newest first: found by filters, steered one by one, by keys, or many at once.
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { Action } from "../../../src/client/index.ts";
import { ACTIONS } from "../../../src/domain/lifecycle.ts";
import { cachedJob } from "../../data/job-cache.ts";
import { useMay } from "../../data/session.ts";
import { useShortcuts } from "../../data/shortcuts.ts";
import { buttonClasses } from "../../parts/button.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { useControl } from "../../parts/use-control.ts";
import { ACTION_VIEWS } from "../../state/actions.ts";
import { AskDialog } from "./ask-dialog.tsx";
import type { Chosen } from "./bulk.ts";
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
  const { picked, isAll, clear } = place;
  const mayOperate = useMay("operate");
  const mayAdminister = useMay("admin");
  const control = useControl();
  const [asking, setAsking] = useState<{ readonly id: string; readonly action: Action }>();
  const [bulkAction, setBulkAction] = useState<Action>();
  const stopAsking = useCallback(() => setAsking(undefined), []);
  const chosen = useMemo<Chosen>(
    () => (isAll ? { kind: "all", filter } : { kind: "picked", ids: [...picked] }),
    [isAll, filter, picked],
  );
  const hasChosen = isAll || picked.size > 0;
  const may = (action: Action) => (action === "rollback" ? mayAdminister : mayOperate);

  const act = useCallback(
    (id: string, action: Action) => {
      const job = cachedJob(id);
      if (!job?.allowedActions.includes(action)) return;
      if (ACTION_VIEWS[action].asks) setAsking({ id, action });
      else void control(job, action);
    },
    [control],
  );
  const actByKey = (action: Action) => {
    // Rows of the filter before are about to go.
    if (!may(action) || list.isStale) return;
    if (hasChosen) setBulkAction(action);
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
      {hasChosen && (
        <BulkBar
          chosen={chosen}
          mayRollback={mayAdminister}
          onChooseAll={place.chooseAll}
          onClear={clear}
          onAsk={setBulkAction}
        />
      )}
      {bulkAction && (
        <BulkDialog
          chosen={chosen}
          action={bulkAction}
          onClose={() => setBulkAction(undefined)}
          onDone={() => {
            setBulkAction(undefined);
            clear();
          }}
        />
      )}
      {asking && <AskDialog {...asking} onClose={stopAsking} />}
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
