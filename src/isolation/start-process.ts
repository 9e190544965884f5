// This process's end of an attempt that runs in a process of its own: starts it, answers it, and ends it with all that it
// started. Invariant: once `ended` has resolved, the process is gone and nothing that it asked for is under way.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import type { IsolatedAttempt, IsolatedEnd, IsolatedJob } from "../ports/isolation.ts";
import { followOutput, type Output } from "./output.ts";
import { PARENT_PIPE, type ToChild, type ToParent, toldError } from "./protocol.ts";

export interface ProcessOptions {
  /** URL of the module that exports the job type. */
  readonly module: string;
  /** Options of Node. */
  readonly execArgv: readonly string[];
}

// Not an import: a process starts from a file. `.ts` in development, `.js` in the package.
const CHILD = new URL(`./child${extname(import.meta.url)}`, import.meta.url);

/** A process that is gone may leave its output open to one that it started and that went its own way: not waited for. */
const CLOSE_MS = 500;

export function startProcess(job: IsolatedJob, options: ProcessOptions): IsolatedAttempt {
  const process = forkProcess(options);
  if (process instanceof Error) return unstarted(Promise.resolve([process]));
  if (process.pid === undefined) return unstarted(once(process, "error"));
  let isKilled = false;
  let told: IsolatedEnd | null = null;
  const output = followOutput(process, job);

  const send = (message: ToChild) => {
    // It may be gone already: then nobody waits for this any more.
    process.send(message, () => {});
  };
  const kill = () => {
    isKilled = true;
    killGroup(process);
  };
  const end = (how: IsolatedEnd) => {
    told ??= how;
    killGroup(process);
  };

  const answers = createAnswers(job, send);
  process.on("message", (message: ToParent | null) => {
    switch (message?.kind) {
      case "call":
        return answers.give(message);
      case "end":
        return end({ kind: "ended", settlement: message.settlement });
      case "unusable":
        return end({ ...message, kind: "died", code: "unusable_module" });
      case undefined:
    }
  });
  send({ kind: "start", start: { record: job.record, workerId: job.workerId, module: options.module } });

  const finish = async (): Promise<IsolatedEnd> => {
    await goneOf(process, job);
    await answers.given();
    output.end();
    return told ?? (isKilled ? { kind: "killed" } : died(process, output));
  };
  return { ended: finish(), interrupt: (cause) => send({ kind: "interrupt", cause }), kill };
}

/** In a group of its own, so that it ends with everything that it started, and a Ctrl-C reaches this process only. */
function forkProcess({ execArgv }: ProcessOptions): ChildProcess | Error {
  try {
    return fork(CHILD, {
      detached: true,
      serialization: "advanced",
      // Not this process's options: some of them, as --input-type, keep a process from starting.
      execArgv: [...execArgv],
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

type CallMessage = Extract<ToParent, { kind: "call" }>;

function createAnswers({ calls }: IsolatedJob, send: (message: ToChild) => void) {
  const underWay = new Set<Promise<void>>();
  const answer = async ({ call, method, args }: CallMessage): Promise<void> => {
    try {
      send({ kind: "answer", call, value: await Reflect.apply(calls[method], calls, args) });
    } catch (error) {
      send({ kind: "refusal", call, error: toldError(error) });
    }
  };
  return {
    give(message: CallMessage) {
      const given = answer(message).finally(() => underWay.delete(given));
      underWay.add(given);
    },
    /** Resolves when none is under way any more. */
    async given() {
      await Promise.all(underWay);
    },
  };
}

/** Resolves when the process is gone and all that it said has arrived. */
function goneOf(process: ChildProcess, { clock }: IsolatedJob): Promise<void> {
  return new Promise((resolve) => {
    // A process that is gone cannot be told anything: its end says what there is to say.
    process.on("error", () => {});
    process.stdio[PARENT_PIPE]?.on("error", () => {});
    process.on("close", () => resolve());
    process.on("exit", () => {
      // What it started may have outlived it.
      killGroup(process);
      clock.after(CLOSE_MS, resolve);
    });
  });
}

function killGroup(process: ChildProcess): void {
  if (process.pid === undefined) return;
  try {
    globalThis.process.kill(-process.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left, or the system knows no groups.
    process.kill("SIGKILL");
  }
}

function died({ exitCode, signalCode }: ChildProcess, output: Output): IsolatedEnd {
  const how = signalCode === null ? `ended by itself with exit code ${exitCode}` : `was ended by ${signalCode}`;
  const lastWords = output.lastError === null ? "It said nothing on stderr." : `Its last words: ${output.lastError}`;
  return { kind: "died", code: "process_died", message: `The job's process ${how}. ${lastWords}`, retryable: true };
}

function unstarted(problem: Promise<readonly Error[]>): IsolatedAttempt {
  const ended = async (): Promise<IsolatedEnd> => {
    const [error] = await problem;
    const message = `The job's process could not be started: ${error?.message}. Look for limits of processes, files and memory.`;
    return { kind: "died", code: "process_not_started", message, retryable: true };
  };
  return { ended: ended(), interrupt() {}, kill() {} };
}
