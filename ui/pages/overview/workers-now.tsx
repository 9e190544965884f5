// Who works on what there is, how much room is left, and what waits for it the longest.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Stats, WorkerInfo } from "../../../src/client/index.ts";
import { READS } from "../../data/server.ts";
import { useReadNow } from "../../data/use-now.ts";
import { age } from "../../format/duration.ts";
import { count } from "../../format/number.ts";
import { classes } from "../../parts/class-names.ts";
import { PanelHead } from "./panel-head.tsx";

const SHOWN = 5;

export function WorkersNow({ stats }: { readonly stats: Stats | undefined }) {
  const { data } = useQuery(READS.workers);
  return (
    <section aria-labelledby="workers" className="panel flex min-h-[152px] flex-col">
      <PanelHead id="workers" title="Workers">
        <Link to="/workers" className="figures text-accent text-sm">
          All{data ? ` ${count(data.length)}` : ""}
        </Link>
      </PanelHead>
      <ul className="figures m-0 flex list-none flex-col gap-2.5 p-4 text-sm">
        {data?.slice(0, SHOWN).map((worker) => (
          <Slots key={worker.id} {...worker} />
        ))}
        {data?.length === 0 && <li className="text-failed">None is alive.</li>}
      </ul>
      <Waiting oldest={stats?.oldestWaiting} />
    </section>
  );
}

function Slots({ host, pid, running, concurrency }: WorkerInfo) {
  const isFull = running >= concurrency;
  return (
    <li className="flex flex-col gap-1">
      <span className="flex gap-3">
        <span className="min-w-0 flex-1 truncate">
          <bdi>{host}</bdi> <span className="text-muted">{pid}</span>
        </span>
        <span className="shrink-0">
          {count(running)} <span className="text-muted">of {count(concurrency)} slots</span>
        </span>
      </span>
      <span aria-hidden className="block h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset">
        <span
          className={classes("block h-full rounded-full", isFull ? "bg-paused" : "bg-running")}
          style={{ width: `${Math.min(1, running / concurrency) * 100}%` }}
        />
      </span>
    </li>
  );
}

function Waiting({ oldest }: { readonly oldest: Stats["oldestWaiting"] | undefined }) {
  const waits = useReadNow((now) => (oldest ? age(now - Date.parse(oldest.availableAt)) : ""));
  return (
    <p className="figures m-0 mt-auto min-h-10 border-line border-t px-4 py-2.5 text-muted text-sm">
      {oldest && (
        <>
          Waits the longest:{" "}
          <Link to="/jobs/$id" params={{ id: oldest.id }} className="font-medium text-accent underline">
            <bdi>{oldest.type}</bdi>
          </Link>{" "}
          in <bdi>{oldest.queue}</bdi>, for {waits}
        </>
      )}
      {oldest === null && "Nothing that could start waits."}
    </p>
  );
}
