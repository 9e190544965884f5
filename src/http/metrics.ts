// Figures for Prometheus. Gauges are read from the manager when somebody asks; nothing is counted a second time here.
import { collectDefaultMetrics, Gauge, Registry } from "@prometheus-io/client";
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
  const minute = gauge("pawl_events_last_minute", "What happened in the last whole minute.", ["event"]);
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
    const whole = stats.minutes.at(-2);
    for (const event of EVENTS) minute.set({ event }, whole?.[event] ?? 0);
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
