// The servers and workers of a fleet, one on each machine: started, ended by faults, and started again.
import { tmpdir } from "node:os";
import path from "node:path";
import { spawnServer, spawnWorker, type WorkerProcess } from "../server-process.ts";
import type { Ending, Machine, Site } from "./site.ts";

export interface Member {
  readonly name: string;
  readonly role: "server" | "worker";
  readonly machine: Machine;
  /** Where a server answers; `null` for a worker, and while a server is down. */
  url(): string | null;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Ends it by SIGKILL, and starts another one on the same machine. Resolves when that one is ready. */
  killAndStart(): Promise<void>;
  /** How it was last ended by SIGKILL, epoch ms. */
  killedAt(): number | null;
  stop(): Promise<void>;
  /** Its processes that ended though nobody ended them, with what they said. */
  deaths(): readonly string[];
  /** All that its processes wrote to their logs. */
  log(): string;
}

export interface MemberOptions {
  readonly schema: string;
  readonly leaseMs: number;
}

/** The first `servers` machines get a server each, the others a worker. All of them are stopped with `ending`. */
export async function startMembers(
  ending: Ending,
  { machines }: Site,
  { servers, ...options }: MemberOptions & { readonly servers: number },
): Promise<readonly Member[]> {
  const members: Member[] = [];
  ending.after(() => Promise.all(members.map((member) => member.stop())));
  for (const [index, machine] of machines.entries()) {
    members.push(await startMember(machine, index < servers ? "server" : "worker", options));
  }
  return members;
}

async function startMember(machine: Machine, role: Member["role"], options: MemberOptions): Promise<Member> {
  const logs: (() => string)[] = [];
  let killedAt: number | null = null;
  let isStopped = false;
  const deaths: string[] = [];

  async function start(): Promise<WorkerProcess & { readonly url?: string }> {
    const place = ["--database", machine.databaseUrl, "--schema", options.schema, "--connections", "4"];
    const args = [...place, "--lease-ms", String(options.leaseMs), "--drain-ms", "2000"];
    const common = { dataDir: path.join(tmpdir(), "unused"), prefix: machine.prefix };
    const server = ["--no-work", "--host", machine.host, "--auth", "off"];
    const spawn = () =>
      role === "server" ? spawnServer({ ...common, args: [...args, ...server] }) : spawnWorker({ ...common, args });
    // The database may be on its way down or up: whoever runs a program starts it again.
    for (let tries = 1; ; tries += 1) {
      const starting = spawn();
      logs.push(starting.stderr);
      try {
        const ready = await starting.ready;
        void ready.exited.then((exit) => {
          if (current?.pid === ready.pid && !isStopped)
            deaths.push(`${machine.name} ended by itself: ${JSON.stringify(exit)}\n${starting.stderr()}`);
        });
        return ready;
      } catch (error) {
        if (tries === START_TRIES || isStopped) throw error;
      }
    }
  }

  let current: Awaited<ReturnType<typeof start>> | null = await start();
  return {
    name: machine.name,
    role,
    machine,
    url: () => current?.url ?? null,
    signal(signal) {
      if (current) process.kill(current.pid, signal);
    },
    async killAndStart() {
      const victim = current;
      current = null;
      killedAt = Date.now();
      await victim?.kill("SIGKILL");
      current = await start();
    },
    killedAt: () => killedAt,
    async stop() {
      isStopped = true;
      const last = current;
      current = null;
      if (last === null || deaths.length > 0) return;
      process.kill(last.pid, "SIGCONT");
      await last.kill("SIGTERM");
    },
    deaths: () => deaths,
    log: () => logs.map((log) => log()).join(""),
  };
}

const START_TRIES = 20;
