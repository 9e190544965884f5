// Journal and undo: a job that makes things elsewhere, one by one, and takes back what it made when it is cancelled.
// Run it with `node examples/create-teams.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

/** Stands for a directory service with a slow API. */
const teams = new Map<string, { readonly name: string }>();
const directoryService = {
  async createTeam(id: string, name: string) {
    await setTimeout(2);
    teams.set(id, { name });
  },
  async deleteTeam(id: string) {
    await setTimeout(2);
    teams.delete(id);
  },
};

const createTeams = defineJob({
  type: "create-teams",
  input: z.strictObject({ names: z.array(z.string()) }),
  async run(job) {
    for await (const name of job.iterate(job.input.names)) {
      const teamId = `${job.id}/${name}`;
      await job.journal({ teamId });
      await directoryService.createTeam(teamId, name);
    }
  },
  async undo(_job, entry: { readonly teamId: string }) {
    await directoryService.deleteTeam(entry.teamId);
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [createTeams] });
await manager.start();

teams.set("theirs", { name: "made by hand" });
const names = Array.from({ length: 5_000 }, (_, index) => `Team ${index + 1}`);
const { id } = await manager.submit({ type: "create-teams", input: { names } });
while (teams.size < 200) await setTimeout(10);

await manager.cancel(id, { actor: "dana", reason: "these are last year's names" });
while (teams.size > 100) await setTimeout(5);
await manager.pause(id, { actor: "dana", reason: "wait for the backup" });
const paused = await manager.waitUntil(id, "paused");
const { done, total, unit } = paused.progress;
console.log(`${paused.state} in ${paused.phase}: ${done} of ${total} ${unit} undone`);

await manager.resume(id, { actor: "dana" });
const undone = await manager.waitUntil(id, "final");
console.log(`${undone.state}: ${[...teams.values()].map((team) => team.name).join()}`);

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
