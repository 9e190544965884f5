// What bulk-teams made, the oldest first.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TeamPage } from "../../../src/client/index.ts";
import { KEYS, server } from "../../data/server.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { TimeText } from "../../parts/time-text.tsx";

type Team = TeamPage["items"][number];

const PAGE = 50;

export function Teams() {
  const query = useInfiniteQuery({
    queryKey: KEYS.teams,
    queryFn: ({ pageParam, signal }) => server.teams({ after: pageParam, limit: PAGE, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextAfter }) => nextAfter ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0 && !query.error) return null;
  return (
    <section aria-labelledby="teams" className="flex flex-col gap-3">
      <h2 id="teams" className="m-0 font-semibold text-base">
        Teams
      </h2>
      {query.error && (
        <ProblemNotice problem={query.error} what="The teams could not be read." onRetry={() => void query.refetch()} />
      )}
      <DataTable caption="Teams" columns={COLUMNS} rows={items} keyOf={({ position }) => position} />
      <div className="figures flex items-center gap-3 text-muted text-sm">
        {count(items.length)} shown
        {query.hasNextPage && (
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        )}
      </div>
    </section>
  );
}

const COLUMNS: readonly Column<Team>[] = [
  { name: "Team", isHead: true, cell: ({ name }) => <bdi className="font-medium">{name}</bdi> },
  {
    name: "Values",
    cell: ({ values }) => (
      <span className="text-muted">
        {Object.entries(values)
          .filter(([column]) => column !== "name")
          .map(([column, value]) => `${column}: ${value}`)
          .join(" · ")}
      </span>
    ),
  },
  {
    name: "Made by",
    cell: ({ jobId, line, at }) => (
      <>
        <Link to="/jobs/$id" params={{ id: jobId }} className="text-accent underline">
          line {count(line)}
        </Link>{" "}
        <span className="text-muted text-xs">
          <TimeText at={at} />
        </span>
      </>
    ),
  },
];
