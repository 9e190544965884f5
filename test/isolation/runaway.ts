// Jobs that do not behave, each attempt in a process of its own: each notes its process in the file that its input names.
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { defineJob, type JobContext } from "../../src/index.ts";
import { ownProcess } from "../../src/isolation/index.ts";

const input = z.strictObject({ pidFile: z.string() });
const isolation = ownProcess(import.meta.url, { pauseGraceMs: 100 });
const retry = { attempts: 2, backoff: { kind: "fixed", baseMs: 0, maxMs: 0 } } as const;

function notePid(job: JobContext<z.output<typeof input>>): void {
  writeFileSync(job.input.pidFile, String(process.pid));
}

/** Makes three steps of a long way, one per attempt, and is stuck after each. */
export const stuck = defineJob({
  type: "stuck",
  isolation,
  input,
  cancelGraceMs: 200,
  async run(job) {
    const done = Number(job.cursor ?? 0);
    if (done === 3) return "arrived";
    await job.checkpoint(done + 1);
    notePid(job);
    for (;;);
  },
});

export const overdue = defineJob({
  type: "overdue",
  isolation,
  input,
  retry,
  timeoutMs: 3_000,
  cancelGraceMs: 0,
  async run(job) {
    notePid(job);
    for (;;);
  },
});

/** Makes checkpoints until there is a file, then none any more. */
export const stalls = defineJob({
  type: "stalls",
  isolation,
  input: z.strictObject({ standStill: z.string() }),
  stall: { afterMs: 2_000, policy: "stop" },
  cancelGraceMs: 0,
  async run(job) {
    while (!existsSync(job.input.standStill)) {
      await job.wait(10);
      await job.checkpoint();
    }
    job.progress.set({ message: "stands still now" });
    await job.checkpoint();
    for (;;);
  },
});

/** Leaves a mark in a file for as long as it lives, from its main thread. */
export const marks = defineJob({
  type: "marks",
  isolation,
  input,
  async run(job) {
    await job.checkpoint(1);
    const helper = spawn(process.execPath, ["-e", "for(;;);"], { stdio: "ignore" });
    writeFileSync(job.input.pidFile, `${process.pid} ${helper.pid}`);
    for (;;) appendFileSync(`${job.input.pidFile}.marks`, ".");
  },
});

export const dies = defineJob({
  type: "dies",
  isolation: ownProcess(import.meta.url, { maxMemoryMb: 64 }),
  input: z.strictObject({ how: z.enum(["exit", "signal", "throw", "memory"]) }),
  retry,
  async run(job) {
    await job.checkpoint(job.attempt);
    console.error("about to die");
    switch (job.input.how) {
      case "exit":
        process.exit(3);
        break;
      case "signal":
        process.kill(process.pid, "SIGKILL");
        break;
      case "throw":
        setImmediate(() => {
          throw new Error("nobody catches this");
        });
        break;
      case "memory":
        for (const kept: unknown[] = []; ; ) kept.push(Array.from({ length: 1_000 }, Math.random));
    }
    await new Promise(() => {});
  },
});

export const floods = defineJob({
  type: "floods",
  isolation,
  input: z.strictObject({ lines: z.int() }),
  async run(job) {
    for (let line = 0; line < job.input.lines; line += 1) console.log(`printed ${line} ${"x".repeat(100)}`);
    process.stdout.write("the last one, without an end");
    for (let line = 0; line < job.input.lines; line += 1) job.log.info(`logged ${line}`);
  },
});

/** Says things on its channel that nobody asked for. */
export const babbles = defineJob({
  type: "babbles",
  isolation,
  input: z.strictObject({}),
  async run() {
    for (const message of [null, "text", 7, {}, { kind: "answer" }, { kind: "call", call: 1, method: "none" }]) {
      process.send?.(message);
    }
    process.kill(process.pid, "SIGTERM");
    return "done";
  },
});

/** Named by a module that does not export it. */
export const misplaced = defineJob({
  type: "misplaced",
  isolation: ownProcess(new URL("./isolated.ts", import.meta.url)),
  input: z.strictObject({}),
  run: async () => "never",
});

/** Named by a module that cannot be imported. */
export const unreadable = defineJob({
  type: "unreadable",
  isolation: ownProcess(new URL("../../package.json", import.meta.url)),
  input: z.strictObject({}),
  retry,
  run: async () => "never",
});
