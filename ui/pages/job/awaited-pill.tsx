// The state; and of a job that was asked to stop what is awaited, and how long already.

import { useEffect, useState } from "react";
import type { JobSummary } from "../../../src/client/index.ts";
import { serverNow } from "../../data/server-time.ts";
import { useNow } from "../../data/use-now.ts";
import { duration } from "../../format/duration.ts";
import { StatePill } from "../../parts/state-pill.tsx";
import { awaited } from "../../state/actions.ts";
import { type StateView, stateView } from "../../state/state-view.ts";

export function AwaitedPill({ job }: { readonly job: JobSummary }) {
  const view = stateView(job, useNow());
  const waits = awaited(job);
  return (
    <span className="figures flex max-w-full">
      {waits === null ? <StatePill view={view} large /> : <TickingPill view={view} {...waits} />}
    </span>
  );
}

const TICK_MS = 100;

interface TickingPillProps {
  readonly view: StateView;
  readonly what: string;
  readonly since: number;
}

function TickingPill({ view, what, since }: TickingPillProps) {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <StatePill view={{ ...view, word: `${view.word} · ${what} · ${duration(now - since)}` }} large />;
}
