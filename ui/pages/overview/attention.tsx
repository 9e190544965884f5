// What is wrong, each line leading to where it can be mended.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CheckCheck, type LucideIcon, OctagonPause, TriangleAlert, Undo2, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import type { JobSummary, Stats } from "../../../src/client/index.ts";
import { READS } from "../../data/server.ts";
import { plural } from "../../format/number.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { awaited } from "../../state/actions.ts";
import { useStuckJobs } from "./use-stuck-jobs.ts";

/** Of one kind. */
const SHOWN = 3;
const SCHEDULES_EVERY_MS = 15_000;

export function Attention({ stats }: { readonly stats: Stats | undefined }) {
  const workers = useQuery(READS.workers);
  const queues = useQuery(READS.queues);
  const schedules = useQuery({ ...READS.schedules, refetchInterval: SCHEDULES_EVERY_MS });
  const stuck = useStuckJobs();
  const paused = queues.data?.filter((queue) => queue.paused !== null) ?? [];
  const refused = schedules.data?.filter(({ last, paused: isOff }) => !isOff && last?.outcome === "refused") ?? [];
  const lines = [
    ...(workers.data?.length === 0 ? [<NoWorkers key="workers" waiting={stats?.states.queued ?? 0} />] : []),
    ...stuck.slice(0, SHOWN).map((job) => (
      <Line key={job.id} icon={TriangleAlert} tone="text-cancelling">
        <Link to="/jobs/$id" params={{ id: job.id }} className={LINK}>
          <bdi>{job.type}</bdi> <bdi>{job.key}</bdi>
        </Link>{" "}
        {job.abandoned ? <NotStopping job={job} /> : <Stalled job={job} />}
      </Line>
    )),
    ...rest(stuck.length, "job that does not get on", "jobs that do not get on"),
    ...paused.slice(0, SHOWN).map(({ name, paused: since, waiting }) => (
      <Line key={`queue ${name}`} icon={OctagonPause} tone="text-paused">
        <Link to="/queues" className={LINK}>
          Queue <bdi>{name}</bdi>
        </Link>{" "}
        is paused{since && <PausedBy {...since} />}. {plural(waiting, "job waits", "jobs wait")}.
      </Line>
    )),
    ...rest(paused.length, "paused queue"),
    ...refused.slice(0, SHOWN).map(({ name, last }) => (
      <Line key={`schedule ${name}`} icon={TriangleAlert} tone="text-failed">
        <Link to="/schedules" className={LINK}>
          Schedule <bdi>{name}</bdi>
        </Link>{" "}
        was refused {last && <TimeText at={last.at} />}: <bdi>{last?.message}</bdi>
      </Line>
    )),
    ...rest(refused.length, "refused schedule"),
    ...(stats && stats.states.rollback_failed > 0
      ? [<HalfUndone key="rollback_failed" jobs={stats.states.rollback_failed} />]
      : []),
  ];
  const isKnown = stats && workers.data && queues.data && schedules.data;
  return (
    <section aria-labelledby="attention" className="panel flex min-h-[92px] flex-col">
      <h2 id="attention" className="m-0 px-4 pt-3 font-semibold text-base">
        Needs attention
      </h2>
      {lines.length > 0 ? (
        <ul className="figures m-0 flex list-none flex-col gap-2 p-4 pt-2 text-sm">{lines}</ul>
      ) : (
        isKnown && (
          <p className="m-0 flex items-center gap-2 px-4 pt-2 pb-4 text-muted text-sm">
            <CheckCheck aria-hidden size={16} className="shrink-0 text-succeeded" />
            Nothing. No job is stuck, no queue is paused,{" "}
            {plural(workers.data?.length ?? 0, "worker is", "workers are")} alive.
          </p>
        )
      )}
    </section>
  );
}

const LINK = "font-medium text-ink underline decoration-line-strong underline-offset-2 hover:decoration-current";

interface LineProps {
  readonly icon: LucideIcon;
  readonly tone: string;
  readonly children: ReactNode;
}

function Line({ icon: Icon, tone, children }: LineProps) {
  return (
    <li className="flex gap-2">
      <Icon aria-hidden size={16} className={`mt-0.5 shrink-0 ${tone}`} />
      <span className="line-clamp-3 min-w-0 break-words">{children}</span>
    </li>
  );
}

const rest = (count: number, one: string, many?: string): readonly ReactNode[] =>
  count <= SHOWN
    ? []
    : [
        <li key={one} className="pl-6 text-muted">
          and {plural(count - SHOWN, `more ${one}`, many === undefined ? undefined : `more ${many}`)}
        </li>,
      ];

function NoWorkers({ waiting }: { readonly waiting: number }) {
  return (
    <Line icon={Unplug} tone="text-failed">
      <Link to="/workers" className={LINK}>
        No worker is alive
      </Link>
      : nothing is started. {plural(waiting, "job waits", "jobs wait")}.
    </Line>
  );
}

function HalfUndone({ jobs }: { readonly jobs: number }) {
  return (
    <Line icon={Undo2} tone="text-failed">
      <Link to="/jobs" search={{ state: "rollback_failed" }} className={LINK}>
        {plural(jobs, "rollback")} failed
      </Link>
      : what {jobs === 1 ? "it" : "they"} did is undone in part.
    </Line>
  );
}

function PausedBy({
  at,
  actor,
  reason,
}: {
  readonly at: string;
  readonly actor: string;
  readonly reason: string | null;
}) {
  return (
    <>
      {" "}
      since <TimeText at={at} /> by <bdi>{actor}</bdi>
      {reason !== null && (
        <>
          : <bdi>{reason}</bdi>
        </>
      )}
    </>
  );
}

function NotStopping({ job }: { readonly job: JobSummary }) {
  const asked = awaited(job);
  return (
    <>
      does not stop
      {asked && (
        <>
          , asked <TimeText at={asked.since} />
        </>
      )}
      . Its code does not listen.
    </>
  );
}

function Stalled({ job: { checkpoint } }: { readonly job: JobSummary }) {
  if (checkpoint.savedAt === null) return "is stalled: it made no checkpoint yet.";
  return (
    <>
      is stalled: its last checkpoint was <TimeText at={checkpoint.savedAt} />.
    </>
  );
}
