// Who did what, and who was refused; and the tokens by which callers are known.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { AuditEntry } from "../../../src/client/index.ts";
import { KEYS, server } from "../../data/server.ts";
import { useMay } from "../../data/session.ts";
import { absolute } from "../../format/duration.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { isJobId } from "../../state/job-id.ts";
import type { AuditSearch } from "./audit-search.ts";
import { Tokens } from "./tokens.tsx";

const PAGE = 100;

export function Audit() {
  const mayAdminister = useMay("admin");
  return (
    <div className="flex flex-col gap-6">
      <PageHead title="Audit" />
      {mayAdminister ? (
        <>
          <Tokens />
          <Entries />
        </>
      ) : (
        <section className="panel">
          <EmptyState title="The audit is for admins.">Sign in with a token of the scope admin to read it.</EmptyState>
        </section>
      )}
    </div>
  );
}

function Entries() {
  const search = useSearch({ from: "/audit" });
  const query = useInfiniteQuery({
    queryKey: [...KEYS.audit, search],
    queryFn: ({ pageParam, signal }) => server.access.audit({ ...search, before: pageParam, limit: PAGE }, { signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextBefore }) => nextBefore ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-labelledby="entries" className="flex flex-col gap-3">
      <h2 id="entries" className="m-0 font-semibold text-base">
        What was done and refused
      </h2>
      <Filter key={JSON.stringify(search)} search={search} />
      {query.error && (
        <ProblemNotice problem={query.error} what="The audit could not be read." onRetry={() => void query.refetch()} />
      )}
      {query.data && items.length === 0 ? (
        <div className="panel">
          <EmptyState title="No entry matches." />
        </div>
      ) : (
        <DataTable caption="Audit, newest first" columns={COLUMNS} rows={items} keyOf={({ seq }) => String(seq)} />
      )}
      {query.hasNextPage && (
        <div>
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </section>
  );
}

const inputClasses = "h-8 rounded border border-line-strong bg-surface px-2 text-ink text-sm max-sm:w-full";

function Filter({ search }: { readonly search: AuditSearch }) {
  const navigate = useNavigate();
  return (
    <form
      className="flex flex-wrap items-center gap-2 max-sm:grid max-sm:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        const entries = [...new FormData(event.currentTarget)].filter(([, value]) => value !== "");
        void navigate({ to: "/audit", search: Object.fromEntries(entries) });
      }}
    >
      <input name="actor" aria-label="Actor" placeholder="Actor" className={inputClasses} defaultValue={search.actor} />
      <input
        name="action"
        aria-label="Action"
        placeholder="Action"
        className={inputClasses}
        defaultValue={search.action}
      />
      <input
        name="target"
        aria-label="Target"
        placeholder="Target"
        className={inputClasses}
        defaultValue={search.target}
      />
      <select name="outcome" aria-label="Outcome" className={inputClasses} defaultValue={search.outcome ?? ""}>
        <option value="">Done and refused</option>
        <option value="done">Done</option>
        <option value="refused">Refused</option>
      </select>
      <Button type="submit" small className="h-8">
        Filter
      </Button>
    </form>
  );
}

function Target({ action, target }: { readonly action: string; readonly target: string }) {
  // Files have ids of the same shape.
  if (!action.endsWith("Job") || !isJobId(target)) return <bdi>{target}</bdi>;
  return (
    <Link to="/jobs/$id" params={{ id: target }} className="text-accent">
      {target}
    </Link>
  );
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  {
    name: "When",
    cell: ({ at }) => (
      <>
        <TimeText at={at} />
        <span className="figures block text-muted text-xs">{absolute(Date.parse(at))}</span>
      </>
    ),
  },
  {
    name: "Who",
    isHead: true,
    cell: ({ actor, address }) => (
      <>
        <span className="block font-medium">{actor === null ? "unknown callers" : <bdi>{actor}</bdi>}</span>
        {address !== null && <span className="text-muted text-xs">{address}</span>}
      </>
    ),
  },
  {
    name: "What",
    cell: ({ action, target, count: times }) => (
      <>
        <bdi>{action}</bdi>
        {times > 1 && <span className="figures text-muted"> {count(times)} times</span>}
        {target !== null && (
          <span className="block break-all font-mono text-muted text-xs">
            <Target action={action} target={target} />
          </span>
        )}
      </>
    ),
  },
  {
    name: "Outcome",
    cell: ({ outcome, code }) =>
      outcome === "done" ? "done" : <span className="text-failed">refused{code === null ? "" : `: ${code}`}</span>,
  },
  { name: "Reason", cell: ({ reason }) => (reason === null ? "" : <bdi>{reason}</bdi>) },
];
