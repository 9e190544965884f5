// Runs a command as a container of the built image would: process 1 of process ids of its own, as the image's user, with the
// image's variables, on the image's file system without the right to write to it, with the volume and a fresh /tmp.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { attempt, type Ended, run } from "./command.ts";
import type { ImageConfig } from "./parse-dockerfile.ts";

export interface Image {
  readonly mount: string;
  readonly config: ImageConfig;
}

export interface ContainerOptions {
  readonly image: Image;
  /** Instead of the image's command. */
  readonly command?: readonly string[];
  /** Instead of the image's entry point and command. */
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder that outlasts the container. One that does not exist yet begins as the image's; `null`: memory. */
  readonly volume: string | null;
  /** An empty folder to put it together in. */
  readonly jail: string;
}

export interface Container {
  /** As this machine counts. */
  readonly pid: number;
  /** All that it has printed so far. */
  output(): string;
  /** Runs another command inside, as the same user. */
  exec(words: readonly string[]): Ended;
  /** Answers the exit code. */
  ended(): Promise<number | null>;
  /** Sends SIGTERM, and answers how it ended, and after how long. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// chroot and env replace the shell, one after the other: in the end process 1 is the command itself.
const SET_UP = `
image=$1 jail=$2 volume=$3 data=$4 user=$5 workdir=$6; shift 6
mount --bind "$image" "$jail"; mount -o remount,bind,ro "$jail"
mount -t proc proc "$jail/proc"; mount --bind /dev "$jail/dev"; mount -t tmpfs -o mode=1777 tmpfs "$jail/tmp"
if [ -n "$volume" ]; then mount --bind "$volume" "$jail$data"; else mount -t tmpfs -o mode=1777 tmpfs "$jail$data"; fi
exec chroot --userspec="$user" --groups= "$jail" /usr/bin/env -i -C "$workdir" "$@"`;

export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { image, volume, jail } = options;
  const { config } = image;
  const [data = "/data"] = config.volumes;
  if (volume !== null && !existsSync(volume)) run("cp", ["-a", path.join(image.mount, data), volume]);
  mkdirSync(jail, { recursive: true });
  const words = options.words ?? [...config.entrypoint, ...(options.command ?? config.command)];
  const variables = Object.entries({ PATH, ...config.env, ...options.env }).map(([name, value]) => `${name}=${value}`);
  const inside = [config.user, config.workdir, ...variables];
  const places = [image.mount, jail, volume ?? "", data];
  const flags = ["--mount", "--pid", "--fork", "--kill-child"];
  const child = spawn("unshare", [...flags, "sh", "-e", "-c", SET_UP, "sh", ...places, ...inside, ...words]);
  return control(child, { jail, inside });
}

interface Inside {
  readonly jail: string;
  /** User, folder and variables. */
  readonly inside: readonly string[];
}

async function control(child: ChildProcess, { jail, inside }: Inside): Promise<Container> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (said += text));
  const exited = once(child, "close");
  const pid = await firstProcess(child);
  const [user = "", workdir = "", ...variables] = inside;
  return {
    pid,
    output: () => said,
    exec(words) {
      const enter = [`--target=${pid}`, "--mount", "--pid", "chroot", `--userspec=${user}`, "--groups=", jail];
      return attempt("nsenter", [...enter, "/usr/bin/env", "-i", "-C", workdir, ...variables, ...words]);
    },
    async ended() {
      await exited;
      return child.exitCode;
    },
    async stop() {
      const started = performance.now();
      process.kill(pid, "SIGTERM");
      await exited;
      return { code: child.exitCode, ms: Math.round(performance.now() - started) };
    },
  };
}

/** `unshare` waits for it, so that it is there until it has ended. 0 for one that was too fast. */
async function firstProcess(unshare: ChildProcess): Promise<number> {
  const { pid } = unshare;
  while (unshare.exitCode === null) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    if (children !== "") return Number(children);
    await pause(5);
  }
  return 0;
}
