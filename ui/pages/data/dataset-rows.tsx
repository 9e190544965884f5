// The rows of a dataset, page after page, each with the import and the line that it came from.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Dataset } from "../../../src/client/index.ts";
import { KEYS, server } from "../../data/server.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";

const PAGE = 50;

export function DatasetRows({ dataset: { name, columns, rows } }: { readonly dataset: Dataset }) {
  const query = useInfiniteQuery({
    queryKey: [...KEYS.datasets, name, "rows"],
    queryFn: ({ pageParam, signal }) => server.datasetRows(name, { after: pageParam, limit: PAGE, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextAfter }) => nextAfter ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-labelledby="rows" className="flex flex-col gap-3">
      <h2 id="rows" className="m-0 font-semibold text-base">
        Rows of <bdi>{name}</bdi>
      </h2>
      {query.error && (
        <ProblemNotice problem={query.error} what="The rows could not be read." onRetry={() => void query.refetch()} />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys. */}
      <section className="panel relative max-h-[560px] overflow-auto" tabIndex={0} aria-label={`Table of ${name}`}>
        <table className="figures w-full border-collapse text-sm">
          <caption className="sr-only">Rows of {name}</caption>
          <thead className="sticky top-0 bg-surface">
            <tr>
              {["line", ...columns].map((column, index) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns of a file may share a name, and never move.
                  key={index}
                  scope="col"
                  className="h-9 whitespace-nowrap border-line border-b px-3 text-left font-medium text-muted text-xs"
                >
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map(({ position, values, line, importJobId }) => (
              <tr key={position} className="border-line border-b last:border-b-0">
                <td className="px-3 py-1.5 text-muted">
                  <Link
                    to="/jobs/$id"
                    params={{ id: importJobId }}
                    title="The import that it came from"
                    className="text-accent"
                  >
                    {line}
                  </Link>
                </td>
                {columns.map((column) => (
                  <td key={column} className="max-w-[320px] truncate px-3 py-1.5" title={values[column]}>
                    <bdi>{values[column]}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div className="figures flex items-center gap-3 text-muted text-sm">
        {count(items.length)} of {count(rows)}
        {query.hasNextPage && (
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        )}
      </div>
    </section>
  );
}
