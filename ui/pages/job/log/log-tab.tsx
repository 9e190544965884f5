// The log of the job: live, filtered by level and text, and to be linked to line by line.
import { useNavigate } from "@tanstack/react-router";
import { memo, useCallback, useEffect, useSyncExternalStore } from "react";
import { count, plural } from "../../../format/number.ts";
import { ProblemNotice } from "../../../parts/problem-notice.tsx";
import type { JobSearch } from "../job-search.ts";
import type { JobLog } from "./job-log.ts";
import { LogBar } from "./log-bar.tsx";
import { LogLines } from "./log-lines.tsx";
import { isFiltered, useShownLines } from "./shown-lines.ts";

interface LogTabProps {
  readonly jobId: string;
  /** Whether no more lines will come. */
  readonly isOver: boolean;
  readonly log: JobLog;
  readonly search: JobSearch;
}

/** Draws again with the log, and not with every step of the job. */
export const LogTab = memo(function LogTab({ jobId, isOver, log, search }: LogTabProps) {
  const state = useSyncExternalStore(log.subscribe, () => log.state);
  const { level, q, line } = search;
  const shown = useShownLines(state.lines, { level, q });
  const navigate = useNavigate();
  const follows = search.follow !== false && line === undefined;

  const change = useCallback(
    (next: Partial<JobSearch>) =>
      void navigate({
        to: "/jobs/$id",
        params: { id: jobId },
        search: (before: JobSearch) => ({ ...before, ...next }),
        replace: true,
        resetScroll: false,
      }),
    [navigate, jobId],
  );
  const onFollows = useCallback(
    (isAtEnd: boolean) => change(isAtEnd ? { follow: undefined, line: undefined } : { follow: false }),
    [change],
  );

  const onPoint = useCallback((seq: number) => change({ line: seq, follow: undefined }), [change]);
  const onNearStart = useCallback(() => void log.loadOlder(), [log]);

  // What is sought may stand in lines that were not loaded yet, and so may the line that the address points at.
  const isFar = line !== undefined && line < (state.lines[0]?.seq ?? 0);
  const wantsOlder =
    state.hasOlder && !state.isReading && state.problem === null && (isFiltered({ level, q }) || isFar);
  useEffect(() => {
    if (wantsOlder) void log.loadOlder();
  }, [wantsOlder, log]);

  return (
    <div className="flex flex-col gap-2">
      <LogBar jobId={jobId} search={search} follows={follows} isOver={isOver} onChange={change} />
      {state.problem !== null && (
        <ProblemNotice
          problem={state.problem}
          what="Older lines could not be read."
          onRetry={() => void log.loadOlder()}
        />
      )}
      <LogLines
        lines={shown}
        sought={q}
        pointed={line}
        follows={follows}
        empty={emptyText(state.isReady, state.lines.length, isOver)}
        onFollows={onFollows}
        onPoint={onPoint}
        onNearStart={onNearStart}
      />
      {/* What is found is worth saying aloud; that lines come is not. */}
      <p className="figures m-0 text-muted text-xs" role={isFiltered({ level, q }) ? "status" : undefined}>
        {isFiltered({ level, q }) && `${plural(shown.length, "line")} of `}
        {plural(state.lines.length, "line")}
        {state.hasOlder && ", older ones not loaded"}
        {state.isReading && " · loading older lines"}
        {!state.hasOlder &&
          (state.lines[0]?.seq ?? 1) > 1 &&
          ` · the first ${count((state.lines[0]?.seq ?? 1) - 1)} are gone: only the newest lines of a log are kept`}
      </p>
    </div>
  );
});

function emptyText(isReady: boolean, lines: number, isOver: boolean): string {
  if (!isReady) return "";
  if (lines > 0) return "No line matches.";
  return isOver ? "It wrote nothing to its log." : "Nothing in its log yet. Lines appear here as they are written.";
}
