// W8: kill -9 with 10 jobs running, restart at once; from the start of the new process until all 10 run again.
// Held against the time that this machine takes to start a Node process that does nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startChildServer } from "../child-server.ts";
import { withFolder } from "../folder.ts";
import { type Comparison, epochNow } from "../measure.ts";

const JOBS = 10;

const recover = () =>
  withFolder(async (directory) => {
    const first = await startChildServer(directory);
    const running = first.next("started", JOBS);
    for (let n = 0; n < JOBS; n += 1) {
      await fetch(`${first.url}/api/v1/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ type: "sleeper", input: {} }),
      });
    }
    await running;
    await first.kill();
    const spawnedAt = epochNow();
    const second = await startChildServer(directory);
    const again = await second.started(JOBS);
    await second.kill();
    return again.at - spawnedAt;
  });

const bareNode = async () => {
  const spawnedAt = epochNow();
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  return epochNow() - spawnedAt;
};

export const w8: readonly Comparison[] = [
  {
    name: "W8 recovery of 10 jobs",
    unit: "ms",
    pawl: recover,
    against: { name: "start of a bare Node", round: bareNode },
    target: { absolute: 500 },
    rounds: 5,
  },
];
