// W10: requests a second over HTTP, under `wrk -t1 -c64`, against a bare Fastify route with the same payload.
import { execFileSync, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Bench } from "../backend.ts";
import { startChildServer } from "../child-server.ts";
import { withFolder } from "../folder.ts";
import type { Comparison } from "../measure.ts";

const DURATION_S = 3;
const BODY = JSON.stringify({ type: "noop", input: { n: 1 } });
const POST_SCRIPT = `wrk.method = "POST"\nwrk.body = '${BODY}'\nwrk.headers["Content-Type"] = "application/json"\n`;

function hasWrk(): boolean {
  try {
    execFileSync("which", ["wrk"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Requests a second; throws when any answer was not a success. */
function wrk(url: string, script?: string): Promise<number> {
  const args = ["-t1", "-c64", `-d${DURATION_S}s`, ...(script ? ["-s", script] : []), url];
  return new Promise((resolve, reject) => {
    const child = spawn("wrk", args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("exit", () => {
      const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
      if (/Non-2xx/.test(output) || !rate) reject(new Error(`wrk: ${output}`));
      else resolve(Number(rate));
    });
  });
}

async function withBareServer<T>(use: (url: string) => Promise<T>): Promise<T> {
  const path = fileURLToPath(new URL("../bare-http.ts", import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    for await (const url of createInterface({ input: child.stdout })) return await use(url);
    throw new Error("The bare server did not start.");
  } finally {
    child.kill("SIGKILL");
  }
}

const withPostScript = (use: (directory: string, script: string) => Promise<number>) =>
  withFolder(async (directory) => {
    const script = join(directory, "post.lua");
    await writeFile(script, POST_SCRIPT);
    return use(directory, script);
  });

const create = (bench: Bench) => () =>
  withPostScript((_directory, script) =>
    bench.withPlace(async (place) => {
      const server = await startChildServer(place, "serve");
      try {
        return await wrk(`${server.url}/api/v1/jobs`, script);
      } finally {
        await server.kill();
      }
    }),
  );

const poll = (bench: Bench) => () =>
  bench.withPlace(async (place) => {
    const server = await startChildServer(place, "serve");
    try {
      const response = await fetch(`${server.url}/api/v1/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: BODY,
      });
      const { id } = (await response.json()) as { id: string };
      return await wrk(`${server.url}/api/v1/jobs/${id}`);
    } finally {
      await server.kill();
    }
  });

const bareCreate = () => withPostScript((_directory, script) => withBareServer((url) => wrk(`${url}/jobs`, script)));
const barePoll = () => withBareServer((url) => wrk(`${url}/jobs/1`));

export const w10 = (bench: Bench): readonly Comparison[] =>
  hasWrk()
    ? [
        {
          name: "W10 POST /api/v1/jobs",
          unit: "per second",
          pawl: create(bench),
          against: { name: "bare Fastify POST", round: bareCreate },
          target: bench.target({ sqlite: { ratio: 0.5 }, postgres: { ratio: 0.4 } }),
          rounds: bench.rounds(3),
        },
        {
          name: "W10 GET /api/v1/jobs/{id}",
          unit: "per second",
          pawl: poll(bench),
          against: { name: "bare Fastify GET", round: barePoll },
          target: bench.target({ sqlite: { ratio: 0.8 }, postgres: { ratio: 0.6 } }),
          rounds: bench.rounds(3),
        },
      ]
    : [];
