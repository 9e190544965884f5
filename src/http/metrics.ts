// Figures for Prometheus, read from the manager when somebody asks: nothing is counted a second time here. What happened
// is kept by minutes; the counters take what has come since the last read, so they are right as long as somebody reads
// within the hour that the manager tells.
import { Counter, collectDefaultMetrics, Gauge, Registry } from "@prometheus-io/client";
import { STATES } from "../domain/lifecycle.ts";
import type { Stats, WorkerInfo } from "../domain/stats.ts";
import type { Manager } from "../engine/manager.ts";

export interface Metrics {
  /** All figures of now, in the text format. */
  read(): Promise<string>;
}

const EVENTS = ["submitted", "started", "succeeded", "failed", "cancelled", "rolledBack", "rollbackFailed"] as const;

export function createMetrics(manager: Pick<Manager, "stats" | "workers">): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const jobs = gauge("pawl_jobs", "Jobs by job type and state.", ["type", "state"]);
  const queued = gauge("pawl_queue_jobs", "Jobs by queue and state.", ["queue", "state"]);
  const states = gauge("pawl_jobs_in_state", "Jobs by state.", ["state"]);
  const events = new Counter({
    name: "pawl_events_total",
    help: "What happened to jobs since the process was asked first.",
    labelNames: ["event"],
    registers: [registry],
  });
  const addEvents = createEventSums((event, by) => events.inc({ event }, by));
  const oldest = gauge(
    "pawl_oldest_waiting_seconds",
    "How long the oldest job that could run has waited; 0 when none waits.",
  );
  const workers = gauge("pawl_workers", "Workers that are alive.");
  const slots = gauge("pawl_worker_slots", "Jobs that all workers can run at once.");
  const running = gauge("pawl_worker_running", "Jobs that all workers hold.");

  const showStats = (stats: Stats) => {
    jobs.reset();
    queued.reset();
    for (const state of STATES) states.set({ state }, stats.states[state]);
    for (const { type, states: counts } of stats.types)
      for (const [state, count] of Object.entries(counts)) jobs.set({ type, state }, count);
    for (const { queue, states: counts } of stats.queues)
      for (const [state, count] of Object.entries(counts)) queued.set({ queue, state }, count);
    addEvents(stats.minutes);
    oldest.set((stats.oldestWaiting?.waitingMs ?? 0) / 1_000);
  };

  const showWorkers = (alive: readonly WorkerInfo[]) => {
    workers.set(alive.length);
    slots.set(alive.reduce((sum, worker) => sum + worker.concurrency, 0));
    running.set(alive.reduce((sum, worker) => sum + worker.running, 0));
  };

  return {
    async read() {
      const [stats, alive] = await Promise.all([manager.stats(), manager.workers()]);
      showStats(stats);
      showWorkers(alive);
      return registry.metrics();
    },
  };
}

type Minutes = Stats["minutes"];

/** Tells by how much each event has grown since the call before. The first call is where counting begins. */
function createEventSums(grow: (event: string, by: number) => void): (minutes: Minutes) => void {
  let before: ReadonlyMap<string, Minutes[number]> | null = null;
  return (minutes) => {
    for (const event of EVENTS) {
      const more = minutes.map((minute) => minute[event] - (before?.get(minute.at)?.[event] ?? 0));
      grow(event, before === null ? 0 : more.reduce((sum, by) => sum + by, 0));
    }
    before = new Map(minutes.map((minute) => [minute.at, minute]));
  };
}
