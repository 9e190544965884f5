// The crash scenario of a job with a journal: many teams, kills, a cancel, and more kills while they are removed again.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TeamPage } from "../../src/api/catalog-operations.ts";
import type { Job } from "../../src/domain/job.ts";
import type { HttpClient } from "./http-client.ts";
import { type DyingServer, startKillable } from "./kill-rounds.ts";
import { type Hits, placeOf, type Scenario } from "./kill-scenarios.ts";
import { waitFor } from "./wait-for.ts";

/** Teams of another job, which must stay. */
const OTHERS = 50;
const KILL_WITHIN_MS = 400;
/** Longer than half of them take on any machine. */
const HALF_MS = 240_000;
const PAGE = 1_000;

/** Cancels the making of teams at a random moment, under kills: none is left, and those of another job are. */
export async function teamsUnderKills(scenario: Scenario): Promise<Hits> {
  const { folder, random, kills, rows } = scenario;
  const place = placeOf(scenario);
  let server = await startKillable(place.server);
  const others = await submitTeams(server.client, await teamsFile(folder, "others", OTHERS));
  assert.equal((await server.client.waitUntil(others.id, "final")).state, "succeeded");
  const job = await submitTeams(server.client, await teamsFile(folder, "many", rows));
  const again = async (phase: Job["phase"]) => {
    if (!(await runsIn(server.client, job.id, phase))) return;
    await sleep(random.between(0, KILL_WITHIN_MS));
    await server.process.kill("SIGKILL");
    server = await startKillable(place.server);
  };
  const forward = Math.floor(kills / 3);
  for (let kill = 0; kill < forward; kill++) await again("forward");
  // The undo of so many takes long enough to be met.
  const half = async () => (await server.client.get(job.id)).progress.done >= rows / 2;
  await waitFor(half, { what: "half of the teams", everyMs: 5, withinMs: HALF_MS });
  await sleep(random.between(0, KILL_WITHIN_MS));
  await undo(server, job.id);
  for (let kill = forward; kill < kills; kill++) {
    if (kill === forward) await pauseInBetween(server, job.id);
    await again("rollback");
  }
  const done = await server.client.waitUntil(job.id, "final");
  assert.equal(done.state, "rolled_back", JSON.stringify(done.error));
  const left = await teamsOf(server.client);
  assert.deepEqual([...new Set(left.map((team) => team.jobId))], [others.id]);
  assert.equal(left.length, OTHERS);
  return await hitsOf(server, job.id);
}

/** Cancels the job. On a machine that stands still for seconds it may have ended: then what it did is rolled back. */
async function undo({ client }: DyingServer, jobId: string): Promise<void> {
  const reason = { reason: "shifted column" };
  if ((await client.act(jobId, "cancel", reason)).status === 202) return;
  assert.equal((await client.act(jobId, "rollback", reason)).status, 202);
}

/** A rollback that is paused stands still, whoever dies meanwhile. */
async function pauseInBetween({ client }: DyingServer, jobId: string): Promise<void> {
  assert.ok(await runsIn(client, jobId, "rollback"));
  assert.equal((await client.act(jobId, "pause")).status, 202);
  const paused = await client.waitUntil(jobId, "paused");
  assert.equal(paused.phase, "rollback");
  const before = (await teamsOf(client)).length;
  await sleep(100);
  assert.equal((await teamsOf(client)).length, before);
  assert.equal((await client.act(jobId, "resume")).status, 202);
}

async function teamsFile(folder: string, prefix: string, count: number): Promise<string> {
  const file = path.join(folder, `${prefix}.csv`);
  const lines = Array.from({ length: count }, (_, index) => `${prefix} ${index},+49 ${index}`);
  await writeFile(file, `name,phone\n${lines.join("\n")}\n`);
  return file;
}

async function submitTeams(client: HttpClient, file: string): Promise<Job> {
  const { status, body } = await client.submitFile({ type: "bulk-teams", input: {} }, file);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

/** All teams, page by page. */
async function teamsOf(client: HttpClient): Promise<readonly TeamPage["items"][number][]> {
  const all: TeamPage["items"][number][] = [];
  for (let after = ""; ; ) {
    const { body } = await client.call<TeamPage>("GET", `/api/v1/teams?limit=${PAGE}${after}`);
    all.push(...body.items);
    if (body.nextAfter === null) return all;
    after = `&after=${body.nextAfter}`;
  }
}

/** Waits until the job runs in this phase; answers whether it does, or has ended. */
async function runsIn(client: HttpClient, id: string, phase: Job["phase"]): Promise<boolean> {
  const { finishedAt } = await waitFor(
    async () => {
      const job = await client.get(id);
      return (job.finishedAt !== null || (job.state === "running" && job.phase === phase)) && job;
    },
    { what: `job ${id} to run in phase ${phase}`, everyMs: 5 },
  );
  return finishedAt === null;
}

async function hitsOf({ client, process }: DyingServer, jobId: string): Promise<Hits> {
  const history = await client.history(jobId);
  assert.deepEqual(
    history.map(({ seq }) => seq),
    history.map((_, index) => index + 1),
  );
  await process.stop();
  const lost = history.filter(({ kind }) => kind === "lost");
  const forward = lost.filter(({ phase }) => phase === "forward").length;
  return { forward, rollback: lost.length - forward };
}
