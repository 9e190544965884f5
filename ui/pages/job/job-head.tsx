// Which job it is, how it stands and since when, and what can be asked of it.

import { Link } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Action, JobSummary } from "../../../src/client/index.ts";
import { ACTIONS, isFinal } from "../../../src/domain/lifecycle.ts";
import { serverNow } from "../../data/server-time.ts";
import { useMay } from "../../data/session.ts";
import { useShortcuts } from "../../data/shortcuts.ts";
import { useNow } from "../../data/use-now.ts";
import { absolute, duration } from "../../format/duration.ts";
import { Button, buttonClasses } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { JobActions, useAskedAction } from "../../parts/job-actions.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { usePageFocus } from "../../parts/use-page-focus.ts";
import { ACTION_VIEWS } from "../../state/actions.ts";
import { stateView } from "../../state/state-view.ts";
import { AwaitedPill } from "./awaited-pill.tsx";
import { DeletePanel } from "./delete-panel.tsx";
import { JobFacts } from "./job-facts.tsx";
import { RequestLine } from "./request-line.tsx";

interface JobHeadProps {
  readonly job: JobSummary;
  /** When it came into its state (epoch ms), as soon as that is known. */
  readonly since: number | undefined;
}

export function JobHead({ job, since }: JobHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  usePageFocus(heading);
  const asked = useAskedAction(job);
  const [isDeleting, setDeleting] = useState(false);
  const mayOperate = useMay("operate");
  const mayDelete = useMay("admin") && isFinal(job.state);
  const name = job.key ?? job.id;
  const { word } = stateView(job, serverNow());
  // Until when it waits is told by itself.
  const isLater = job.state === "queued" && Date.parse(job.availableAt) > serverNow();
  const start = (action: Action) => {
    setDeleting(false);
    asked.start(action);
  };
  useShortcuts(Object.fromEntries(ACTIONS.map((action) => [ACTION_VIEWS[action].key, () => start(action)])));
  useEffect(() => {
    document.title = `${word} · ${job.type} ${name} · Pawl`;
  }, [word, job.type, name]);

  return (
    <header className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <AwaitedPill job={job} />
        <h1 ref={heading} tabIndex={-1} className="m-0 min-w-0 break-words font-semibold text-lg outline-none">
          <bdi>{job.type}</bdi>
          {job.key !== null && (
            <>
              {" "}
              <bdi className="font-normal text-muted">{job.key}</bdi>
            </>
          )}
        </h1>
        <div className="ml-auto flex flex-wrap items-center gap-2 max-sm:ml-0">
          <JobActions job={job} onAction={start} />
          {mayOperate && (
            <Link to="/new" search={{ from: job.id }} className={`${buttonClasses()} no-underline`}>
              Run again with changes
            </Link>
          )}
          {mayDelete && (
            <Button onClick={() => setDeleting(true)}>
              <Trash2 aria-hidden size={15} />
              Delete
            </Button>
          )}
        </div>
      </div>
      <p className="sr-only" aria-live="polite">
        {job.type} {name} is {word}.
      </p>
      <div className="flex min-h-6 flex-wrap items-center gap-x-4 text-muted text-sm">
        <span className="inline-flex min-w-0 items-center gap-1">
          <span className="truncate font-mono text-xs">{job.id}</span>
          <CopyButton text={job.id} what="id" />
        </span>
        {since !== undefined && !isLater && <Since word={word} since={since} isOver={isFinal(job.state)} />}
        {job.control && isTold(job.control) && <RequestLine control={job.control} />}
      </div>
      <JobFacts job={job} />
      {isDeleting && mayDelete ? <DeletePanel job={job} onClose={() => setDeleting(false)} /> : asked.panel}
    </header>
  );
}

interface SinceProps {
  readonly word: string;
  readonly since: number;
  readonly isOver: boolean;
}

function Since({ word, since, isOver }: SinceProps) {
  const now = useNow();
  return (
    <span className="figures">
      {word}{" "}
      {isOver ? (
        <TimeText at={since} />
      ) : (
        <time dateTime={new Date(since).toISOString()} title={`since ${absolute(since)}`}>
          for {duration(Math.floor(Math.max(0, now - since) / 1_000) * 1_000).replace(".0", "")}
        </time>
      )}
    </span>
  );
}

/** What began again is seen from its state; what is awaited, and why it stands still, is not. */
const isTold = ({ action, reachedAt }: NonNullable<JobSummary["control"]>): boolean =>
  reachedAt === null || (action !== "resume" && action !== "retry");
