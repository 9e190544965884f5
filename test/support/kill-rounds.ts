// Kills a server again and again at random moments - while it starts, while it recovers, while its jobs run - and starts
// it again on the same data folder.
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import type { Random } from "./random.ts";
import { type ServerOptions, type ServerProcess, spawnServer, startServer } from "./server-process.ts";
import { waitFor } from "./wait-for.ts";

/** A server that is killed now and then, and the client of the one that lives. */
export interface DyingServer {
  readonly client: HttpClient;
  readonly process: ServerProcess;
}

export interface KillOptions {
  readonly server: ServerOptions;
  readonly random: Random;
  readonly kills: number;
  /** The job that has to be under way when a kill comes. */
  readonly jobId: string;
  /** A kill comes at most this long after the job was seen running. */
  readonly withinMs: number;
}

/** Of ten kills, this many hit the server while it starts. */
const STARTUP_KILLS_OF_TEN = 3;
/** Starting takes about this long, so that the kill falls anywhere between the first line of code and the recovery. */
export const STARTUP_MS = 700;

/** Kills the server `kills` times and answers the one that was started last. */
export async function killRepeatedly(first: DyingServer, options: KillOptions): Promise<DyingServer> {
  const { server, random, kills, jobId, withinMs } = options;
  let current = first;
  for (let kill = 0; kill < kills; kill++) {
    if (random.between(1, 10) <= STARTUP_KILLS_OF_TEN) {
      await current.process.kill("SIGKILL");
      await killWhileStarting(server, random.between(0, STARTUP_MS));
    } else {
      await untilRunning(current.client, jobId);
      await sleep(random.between(0, withinMs));
      await current.process.kill("SIGKILL");
    }
    current = await startKillable(server);
  }
  return current;
}

/** Starts a server and makes a client of it. */
export async function startKillable(options: ServerOptions): Promise<DyingServer> {
  const process = await startServer(options);
  return { process, client: createHttpClient(process.url) };
}

/** Starts a server and kills it `afterMs` later, whatever it does then. */
export async function killWhileStarting(options: ServerOptions, afterMs: number): Promise<void> {
  const starting = spawnServer(options);
  await sleep(afterMs);
  await starting.kill("SIGKILL");
}

/** A job that has ended while it should be killed makes the test say nothing: that is an error of the test. */
async function untilRunning(client: HttpClient, jobId: string): Promise<void> {
  await waitFor(
    async () => {
      const job = await client.get(jobId);
      if (job.finishedAt !== null)
        throw new Error(`Job ${jobId} is ${job.state} before the last kill: ${JSON.stringify(job.error)}`);
      return job.state === "running" || job.state === "cancelling";
    },
    { what: `job ${jobId} to run`, everyMs: 5 },
  );
}
