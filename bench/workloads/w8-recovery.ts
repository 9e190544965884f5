// W8: kill -9 with 10 jobs running. SQLite: restart at once; from the start of the new process until all 10 run again.
// PostgreSQL: another worker is there; from the kill until all 10 run on it. Held against the time that this machine takes
// to start a Node process that does nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "../backend.ts";
import { type ChildServer, startChildServer } from "../child-server.ts";
import { type Comparison, epochNow } from "../measure.ts";

const JOBS = 10;

async function runSleepers(server: ChildServer): Promise<void> {
  const running = server.next("started", JOBS);
  for (let n = 0; n < JOBS; n += 1) {
    await fetch(`${server.url}/api/v1/jobs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "sleeper", input: {} }),
    });
  }
  await running;
}

const restart = (bench: Bench) => () =>
  bench.withPlace(async (place) => {
    const first = await startChildServer(place);
    await runSleepers(first);
    await first.kill();
    const spawnedAt = epochNow();
    const second = await startChildServer(place);
    const again = await second.started(JOBS);
    await second.kill();
    return again.at - spawnedAt;
  });

const takeOver = (bench: Bench) => () =>
  bench.withPlace(async (place) => {
    const first = await startChildServer(place);
    await runSleepers(first);
    const second = await startChildServer(place, "work");
    const killedAt = epochNow();
    await first.kill();
    const again = await second.started(JOBS);
    await second.kill();
    return again.at - killedAt;
  });

const bareNode = async () => {
  const spawnedAt = epochNow();
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  return epochNow() - spawnedAt;
};

export const w8 = (bench: Bench): readonly Comparison[] => [
  {
    name: "W8 recovery of 10 jobs",
    unit: "ms",
    pawl: bench.store === "sqlite" ? restart(bench) : takeOver(bench),
    against: { name: "start of a bare Node", round: bareNode },
    target: bench.target({ sqlite: { absolute: 500 }, postgres: { absolute: 3_000 } }),
    rounds: bench.rounds(5),
  },
];
