// How a command that lasts ends: the first SIGTERM or SIGINT drains, a second one ends the process at once, which loses
// nothing that was acknowledged.
import { constants } from "node:os";
import { MessageChannel } from "node:worker_threads";
import type { Logger } from "../ports/logger.ts";

/** What runs until it is stopped. */
export interface Stoppable {
  /** May come twice. */
  stop(): Promise<void>;
}

/**
 * Stops what `start` answers when a signal comes, also while it is starting. A promise that a job's code forgot must not
 * end everybody's jobs, and neither must a closed terminal.
 */
export async function untilSignal<Running extends Stoppable>(
  start: () => Promise<Running>,
  logger: Logger,
): Promise<Running> {
  process.on("unhandledRejection", (reason) =>
    logger.error({ err: reason }, "A promise was rejected and nobody handled it."),
  );
  process.stdout.on("error", () => undefined);
  keepProcess();
  const starting = start();
  stopOnSignal(starting, logger);
  return starting;
}

/** Timers and connections do not: a worker would end in silence while its database is away. */
function keepProcess(): void {
  const { port1 } = new MessageChannel();
  port1.on("message", () => undefined);
}

/** Listens before anything is started: as process 1 of a container, Node ignores a SIGTERM that nobody listens for. */
function stopOnSignal(starting: Promise<Stoppable>, logger: Logger): void {
  let stopping = false;
  const onSignal = (signal: "SIGTERM" | "SIGINT") => {
    if (stopping) process.exit(128 + constants.signals[signal]);
    stopping = true;
    logger.info({ signal }, "Stopping: jobs stop at their next checkpoints, and go on from there later.");
    stop(starting).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, "The program did not stop cleanly.");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

async function stop(starting: Promise<Stoppable>): Promise<void> {
  const running = await starting;
  await running.stop();
}
