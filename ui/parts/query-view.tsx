// What was read: nothing for a moment, then the thing, or why it could not be read.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { classes } from "./class-names.ts";
import { ProblemNotice } from "./problem-notice.tsx";

interface QueryViewProps<T> {
  readonly query: UseQueryResult<T>;
  /** What could not be read, such as "The queues". */
  readonly what: string;
  readonly children: (data: T) => ReactNode;
}

/** What was read before stays when it cannot be read again. */
export function QueryView<T>({ query, what, children }: QueryViewProps<T>) {
  return (
    <div className={classes("flex flex-col gap-4", query.data === undefined && "min-h-[240px]")}>
      {query.error && (
        <ProblemNotice problem={query.error} what={`${what} could not be read.`} onRetry={() => void query.refetch()} />
      )}
      {query.data !== undefined && children(query.data)}
    </div>
  );
}
