// Kills a server again and again at random moments - while it starts, while it recovers, while its jobs run - and starts
// it again on the same data.
import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ERROR_CODES } from "../../src/domain/errors.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import type { Random } from "./random.ts";
import { type ServerOptions, type ServerProcess, spawnServer } from "./server-process.ts";
import { waitFor } from "./wait-for.ts";

/** A server that is killed now and then, and the client of the one that lives. */
export interface DyingServer {
  readonly client: HttpClient;
  readonly process: ServerProcess;
}

/** Where a server that is killed keeps everything. */
export interface Place {
  readonly server: ServerOptions;
  /**
   * How long a started server takes to go on with what the killed one did, about: a kill that comes sooner falls anywhere
   * between the first line of code and the recovery.
   */
  readonly takeoverMs: number;
}

export interface KillOptions {
  readonly place: Place;
  readonly random: Random;
  readonly kills: number;
  /** The job that has to be under way when a kill comes. */
  readonly jobId: string;
  /** A kill comes at most this long after the job was seen running. */
  readonly withinMs: number;
}

/** Of ten kills, this many hit the server while it starts. */
const STARTUP_KILLS_OF_TEN = 3;
/** How long a server takes to go on with the jobs of its folder. */
const STARTUP_MS = 700;

export const inFolder = (folder: string): Place => ({
  // On a slow machine many kills in a row come before the job gets on, and must not count as a crash loop.
  server: { dataDir: path.join(folder, "data"), env: { PAWL_LOG_LEVEL: "warn", PAWL_CRASH_LIMIT: "100" } },
  takeoverMs: STARTUP_MS,
});

/** Kills the server `kills` times and answers the one that was started last. */
export async function killRepeatedly(first: DyingServer, options: KillOptions): Promise<DyingServer> {
  const { place, random, kills, jobId, withinMs } = options;
  let current = first;
  for (let kill = 0; kill < kills; kill++) {
    if (random.between(1, 10) <= STARTUP_KILLS_OF_TEN) {
      await current.process.kill("SIGKILL");
      await killWhileStarting(place.server, random.between(0, place.takeoverMs));
    } else {
      if (!(await runsStill(current.client, jobId))) {
        // On a machine that stands still for seconds the job can end between two kills.
        assert.ok(kill >= kills / 2, `The job has ended after ${kill} of ${kills} kills.`);
        break;
      }
      await sleep(random.between(0, withinMs));
      await current.process.kill("SIGKILL");
    }
    current = await startKillable(place.server);
  }
  return current;
}

/** How often a server is started that was given up by its database. */
const START_TRIES = 3;

/**
 * Starts a server and makes a client of it. One that stood still with its machine, for longer than a lease and in a
 * transaction, was given up by its database: it has ended, and is started again, as by whatever looks after it.
 */
export async function startKillable(options: ServerOptions): Promise<DyingServer> {
  for (let tries = 1; ; tries += 1) {
    const starting = spawnServer(options);
    try {
      const process = await starting.ready;
      return { process, client: createHttpClient(process.url) };
    } catch (error) {
      const { code } = await starting.exited;
      if (code !== ERROR_CODES.store_unavailable.exitCode || tries === START_TRIES) throw error;
    }
  }
}

/** Starts a server and kills it `afterMs` later, whatever it does then. */
export async function killWhileStarting(options: ServerOptions, afterMs: number): Promise<void> {
  const starting = spawnServer(options);
  await sleep(afterMs);
  await starting.kill("SIGKILL");
}

/** Waits until the job runs; answers whether it does, or has ended. */
async function runsStill(client: HttpClient, jobId: string): Promise<boolean> {
  const { finishedAt } = await waitFor(
    async () => {
      const job = await client.get(jobId);
      return (job.finishedAt !== null || job.state === "running" || job.state === "cancelling") && job;
    },
    { what: `job ${jobId} to run`, everyMs: 5 },
  );
  return finishedAt === null;
}
