// Starts a process of the benchmark's as a child and hands over the events that it tells of.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Place } from "./place.ts";

export interface ServerEvent {
  readonly event: "listening" | "started" | "aborted";
  readonly at: number;
  readonly id?: string;
  readonly url?: string;
}

export interface ChildServer {
  /** Empty where it has no HTTP. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when `count` more events of this kind have come; answers the last one. */
  next(event: ServerEvent["event"], count?: number): Promise<ServerEvent>;
  /** Resolves with the `count`-th start of a handler since the process started. */
  started(count: number): Promise<ServerEvent>;
  kill(): Promise<void>;
}

/** As `npm start` has them. */
const SERVER_FLAGS = ["--max-semi-space-size=8"];

export interface ProcessOptions {
  readonly place: Place;
  /** `serve`: it takes jobs but runs none; `work`: it runs jobs, and has no HTTP. */
  readonly role: "all" | "serve" | "work";
}

export async function startChildServer(place: Place, role: ProcessOptions["role"] = "all"): Promise<ChildServer> {
  const path = fileURLToPath(new URL("./server.ts", import.meta.url));
  const options: ProcessOptions = { place, role };
  const child = spawn(process.execPath, [...SERVER_FLAGS, path, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const listeners = new Set<(event: ServerEvent) => void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const event: ServerEvent = JSON.parse(text);
    for (const listener of [...listeners]) listener(event);
  });
  const next = (kind: ServerEvent["event"], count = 1) => collect(listeners, child, { kind, count });
  const starts: ServerEvent[] = [];
  listeners.add((event) => {
    if (event.event === "started") starts.push(event);
  });
  const { url } = await next("listening");
  return {
    url: url ?? "",
    pid: child.pid ?? 0,
    next,
    started: async (count) => starts[count - 1] ?? next("started", count - starts.length),
    async kill() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

interface Wanted {
  readonly kind: ServerEvent["event"];
  readonly count: number;
}

function collect(
  listeners: Set<(event: ServerEvent) => void>,
  child: ChildProcess,
  { kind, count }: Wanted,
): Promise<ServerEvent> {
  return new Promise((resolve, reject) => {
    let missing = count;
    const onExit = () => reject(new Error("A process of the benchmark ended."));
    const listener = (event: ServerEvent) => {
      if (event.event !== kind) return;
      missing -= 1;
      if (missing > 0) return;
      listeners.delete(listener);
      child.off("exit", onExit);
      resolve(event);
    };
    child.once("exit", onExit);
    listeners.add(listener);
  });
}
