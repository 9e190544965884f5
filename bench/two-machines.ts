// Two commands over one PostgreSQL database, as on two machines: `pawl serve --no-work` is asked over HTTP, `pawl work` runs
// the jobs.
import { join } from "node:path";
import { startServer, startWorker } from "../test/support/server-process.ts";
import type { Bench } from "./backend.ts";
import { withFolder } from "./folder.ts";

export interface TwoMachines {
  /** Answers the id when the job runs. */
  submit(job: object): Promise<string>;
  /** From the request until the server shows the job as `paused`, in ms. */
  pause(id: string): Promise<number>;
  /** From the request until it shows it as `running`, in ms. */
  resume(id: string): Promise<number>;
}

const WAIT_MS = 20_000;
const ENVIRONMENT = { PAWL_AUTH: "off", PAWL_LOG_LEVEL: "error" };

export function withTwoMachines<T>(bench: Bench, use: (machines: TwoMachines) => Promise<T>): Promise<T> {
  return bench.withPlace((place) =>
    withFolder(async (folder) => {
      if (place.kind !== "postgres") throw new Error("Two machines share a PostgreSQL database.");
      const options = {
        dataDir: join(folder, "data"),
        args: ["--database", place.url, "--schema", place.schema],
        env: ENVIRONMENT,
      };
      const server = await startServer({ ...options, args: [...options.args, "--no-work"] });
      const worker = await startWorker(options);
      try {
        return await use(callsOf(server.url));
      } finally {
        await worker.stop();
        await server.stop();
      }
    }),
  );
}

function callsOf(url: string): TwoMachines {
  const jobs = `${url}/api/v1/jobs`;
  const becomes = async (id: string, state: string) => {
    const job = await ask(`${jobs}/${id}?waitMs=${WAIT_MS}&until=${state}`);
    if (job.state !== state) throw new Error(`Job ${id} is ${job.state}, not ${state}.`);
  };
  const timed = async (id: string, action: string, state: string) => {
    const before = performance.now();
    await ask(`${jobs}/${id}/${action}`, {});
    await becomes(id, state);
    return performance.now() - before;
  };
  return {
    async submit(job) {
      const { id } = await ask(jobs, job);
      await becomes(id, "running");
      return id;
    },
    pause: (id) => timed(id, "pause", "paused"),
    resume: (id) => timed(id, "resume", "running"),
  };
}

async function ask(url: string, body?: object): Promise<{ readonly id: string; readonly state: string }> {
  const response = await fetch(url, {
    ...(body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json() as Promise<{ readonly id: string; readonly state: string }>;
}
