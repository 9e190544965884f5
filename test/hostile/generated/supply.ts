// Sees to it that there is always something to steer: fresh jobs in all the states that requests want to find them in.
import type { CallApi } from "../api-caller.ts";
import type { KnownThings } from "./known-things.ts";

export interface Supply {
  /** Makes one more of each kind, and ends what was made long ago. */
  renew(): Promise<void>;
}

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
      const held = await submit("job", { type: "ticker", input: { intervalMs: LONG_MS } });
      await submit("job", { type: "ticker", queue: "shelf", input: { times: 1 } });
      const pooled = await submit("pooled", { type: "reverse-text", input: { text: "abc", delayMs: LONG_MS } });
      const halted = await submit("haltable", { type: "simple", input: { stepMs: LONG_MS } });
      await call("POST", `/api/v1/jobs/${halted}/pause`);
      endless.push([held, pooled, halted]);
      const exported = await submit("artifact-id", { type: "data-export", input: { dataset: "contacts" } });
      known.add("artifact-name", "export.csv");
      known.add("job", exported);
      const { id: file } = await call<{ readonly id: string }>("POST", "/api/v1/files", "name,phone\nEve,3\n");
      known.add("file", file);
      await submit("job", { type: "csv-import", input: { file, dataset: `supply-${renewals}` } });
    },
  };
}
