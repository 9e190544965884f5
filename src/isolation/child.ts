// The program of a process that runs one attempt. It holds nothing of Pawl but the attempt: what it reads and writes it asks
// of the process that started it, and without that it does not live on.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { StopCause } from "../domain/interruption.ts";
import { type Attempt, createAttempt } from "../engine/attempt.ts";
import { registerType } from "../engine/register-type.ts";
import { runAttempt } from "../engine/run-attempt.ts";
import { systemClock } from "../engine/system-clock.ts";
import { createCaller } from "./caller.ts";
import { importDefinition, UnusableModule } from "./import-definition.ts";
import { endOwnGroup } from "./own-group.ts";
import type { Start, ToChild, ToParent } from "./protocol.ts";
import { createRemoteServices } from "./remote-services.ts";

const WATCH = new URL(`./watch-parent${extname(import.meta.url)}`, import.meta.url);

let attempt: Attempt | null = null;
let interruptedBy: StopCause | null = null;
const send = (message: ToParent) => process.send?.(message);
const caller = createCaller(send);

new Worker(WATCH, { execArgv: [] }).unref();
// Whoever stops the server may signal every process of it: what becomes of this one is the server's to say.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", endOwnGroup);
process.on("uncaughtException", (error) => {
  process.stderr.write(`${String(error?.stack ?? error)}\nUncaught: ${String(error?.message ?? error)}\n`);
  process.exit(1);
});
process.on("message", (message: ToChild) => {
  switch (message.kind) {
    case "start":
      void run(message.start);
      return;
    case "interrupt":
      interruptedBy = message.cause;
      attempt?.interrupt(message.cause);
      return;
    case "answer":
    case "refusal":
      caller.settle(message);
  }
});

async function run({ record, workerId, module }: Start): Promise<void> {
  try {
    const type = registerType(await importDefinition(module, record.type));
    attempt = createAttempt({ record, type, workerId, clock: systemClock });
  } catch (error) {
    const retryable = !(error instanceof UnusableModule);
    send({ kind: "unusable", message: error instanceof Error ? error.message : String(error), retryable });
    return;
  }
  if (interruptedBy) attempt.interrupt(interruptedBy);
  await runAttempt(
    attempt,
    createRemoteServices(caller.calls, (settlement) => send({ kind: "end", settlement })),
  );
}
