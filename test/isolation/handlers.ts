// Handlers that use every part of a job's context, for attempts in this process and for those in a process of their own.
import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { csvRecords, defineJob, fileRef, PermanentError, TryAgainLater } from "../../src/index.ts";
import type { Isolation } from "../../src/ports/isolation.ts";
import { sqliteTarget } from "../../src/stores/sqlite/index.ts";

/** The same handlers, run where `isolation` says. */
export function defineHandlers(isolation?: Isolation) {
  const retry = { attempts: 2, backoff: { kind: "fixed", baseMs: 0, maxMs: 0 } } as const;
  return {
    everything: defineJob({
      type: "everything",
      isolation,
      input: z.strictObject({ name: z.string(), token: z.string() }),
      secret: ["token"],
      async run(job) {
        job.log.info(`hello ${job.input.name}`, { token: job.input.token });
        job.progress.set({ done: 2, total: 4, unit: "parts", message: "half" });
        await job.checkpoint({ at: "half" });
        const first = await job.step("one", () => Math.random());
        const again = await job.step("one", () => Math.random());
        return { same: first === again, cursor: job.cursor, type: job.type, attempt: job.attempt, phase: job.phase };
      },
    }),
    importRows: defineJob({
      type: "import-rows",
      isolation,
      input: z.strictObject({ file: fileRef(), database: z.string() }),
      async run(job) {
        const rows = csvRecords(job.input.file);
        const copy = await job.artifact("copy.txt", { mediaType: "text/plain" });
        for await (const { items } of job.iterate(rows, { size: 10, name: "copy" })) {
          await job.wait(5);
          for (const item of items) await copy.write(`${item.fields[0]}\n`);
        }
        using database = new DatabaseSync(job.input.database, { timeout: 10_000 });
        database.exec("CREATE TABLE IF NOT EXISTS line (text TEXT NOT NULL)");
        const target = sqliteTarget(database);
        const insert = database.prepare("INSERT INTO line (text) VALUES (?)");
        for await (const { items, commit } of job.iterate(rows, { size: 10, name: "rows", target })) {
          await job.wait(5);
          await commit(target, () => {
            for (const item of items) insert.run(item.fields[0] ?? "");
          });
        }
        return { done: job.progress.done };
      },
    }),
    makeThings: defineJob({
      type: "make-things",
      isolation,
      input: z.strictObject({ folder: z.string(), count: z.int() }),
      async run(job) {
        for (let n = 0; n < job.input.count; n += 1) {
          await job.journal({ n });
          writeFileSync(`${job.input.folder}/${n}`, "made");
        }
        throw new PermanentError("enough", { code: "enough", details: { count: job.input.count } });
      },
      async undo(job, entry) {
        const undone = `${job.input.folder}/undone`;
        writeFileSync(undone, `${readFileSync(undone, "utf8")}${Object(entry).n} `);
      },
    }),
    fails: defineJob({
      type: "fails",
      isolation,
      input: z.strictObject({}),
      retry,
      async run(job) {
        await job.checkpoint(job.attempt);
        throw new Error(`attempt ${job.attempt} fails`);
      },
    }),
    sleeps: defineJob({
      type: "sleeps",
      isolation,
      input: z.strictObject({}),
      async run(job) {
        await job.sleep("a moment", 200);
        const tries = Number(job.cursor ?? 0);
        if (tries < 2) {
          await job.checkpoint(tries + 1);
          throw new TryAgainLater(0);
        }
        return tries;
      },
    }),
    counts: defineJob({
      type: "counts",
      isolation,
      input: z.strictObject({}),
      async run(job) {
        const all = Array.from({ length: 1_000_000 }, (_, index) => index);
        for await (const _ of job.iterate(all)) if (job.progress.done % 100 === 0) await job.wait(1);
      },
    }),
    swallows: defineJob({
      type: "swallows",
      isolation,
      input: z.strictObject({}),
      async run(job) {
        const stopped = new Promise((resolve) => job.signal.addEventListener("abort", () => resolve("stopped early")));
        // A line, since a checkpoint that is still under way when the request comes would throw.
        job.log.info("listening");
        return await stopped;
      },
    }),
  };
}
