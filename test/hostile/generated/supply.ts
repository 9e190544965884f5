// Sees to it that there is always something to steer: fresh jobs in all the states that requests want to find them in.
import type { CallApi } from "../api-caller.ts";
import type { KnownThings } from "./known-things.ts";

export interface Supply {
  /** Makes one more of each kind, and ends what was made long ago. */
  renew(): Promise<void>;
}

const LATER = "2200-01-01T00:00:00Z";
const LONG_MS = 3_600_000;
/** Jobs that run endlessly are ended after so many renewals: they hold places of the worker. */
const KEPT_RENEWALS = 5;

export function createSupply(call: CallApi, known: KnownThings): Supply {
  const endless: string[][] = [];
  let renewals = 0;

  async function submit(kind: string, job: object): Promise<string> {
    const { id } = await call<{ readonly id: string }>("POST", "/api/v1/jobs", job);
    known.add(kind, id);
    known.add("job", id);
    return id;
  }

  return {
    async renew() {
      renewals += 1;
      for (const id of endless.length >= KEPT_RENEWALS ? (endless.shift() ?? []) : []) {
        // It may be gone, or have ended.
        await call("POST", `/api/v1/jobs/${id}/terminate`).catch(() => undefined);
      }
      const held = await submit("running", { type: "ticker", input: { intervalMs: LONG_MS } });
      await submit("waiting", { type: "ticker", input: { times: 1 }, availableAt: LATER });
      const ended = await submit("ended", { type: "ticker", input: { times: 1 }, availableAt: LATER });
      await call("POST", `/api/v1/jobs/${ended}/cancel`);
      const pooled = await submit("pooled", { type: "reverse-text", input: { text: "abc", delayMs: LONG_MS } });
      const running = await submit("running-haltable", { type: "simple", input: { stepMs: LONG_MS } });
      const halted = await submit("halted", { type: "simple", input: { stepMs: LONG_MS } });
      for (const id of [running, halted]) known.add("haltable", id);
      await call("POST", `/api/v1/jobs/${halted}/pause`);
      endless.push([held, pooled, running, halted]);
      const exported = await submit("artifact-id", { type: "data-export", input: { dataset: "contacts" } });
      known.add("artifact-name", "export.csv");
      known.add("job", exported);
      const { id: file } = await call<{ readonly id: string }>("POST", "/api/v1/files", "name,phone\nEve,3\n");
      known.add("file", file);
      const dataset = `supply-${renewals}`;
      known.add("dataset", dataset);
      const schedule = `supply-${renewals}`;
      known.add("fresh-schedule", schedule);
      await call("POST", "/api/v1/schedules", { name: schedule, cron: "0 0 1 1 *", type: "ticker", input: {} });
      const key = `task-${renewals}`;
      known.add("waiting-task", key);
      await submit("job", { type: "data-export", key, input: { dataset }, availableAt: LATER });
      await submit("undoable", { type: "csv-import", input: { file, dataset } });
    },
  };
}
