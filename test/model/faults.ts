// What handlers do and what befalls the process, done to the engine and to the model.
import { puppetOf } from "./comparison.ts";
import { crash, drain, endDrain, loseLease, obey, obeyDraining, pass } from "./events.ts";
import { DRAIN_MS, LEASE_MS, STEP_MS } from "./process.ts";
import type { Farewell, Faults, Sides } from "./sides.ts";
import { isStale } from "./world.ts";

/** Longer than the lease. */
const JUMP_MS = LEASE_MS * 1.2;

export function createFaults(sides: Sides): Faults {
  const { world } = sides;
  const passStep = async (ms: number) => {
    await sides.engine.advance(ms);
    pass(world, ms);
    await sides.compare();
  };
  return {
    async order(attempt, order, { stubborn = false } = {}) {
      puppetOf(sides.engine, world, attempt).give(order, { stubborn });
      obey(world, attempt, order, stubborn);
      await sides.compare();
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) await passStep(Math.min(left, STEP_MS));
    },
    async loseLease() {
      // Nobody can tell what comes first in a jump: that an attempt is shown as abandoned, or the end of its lease.
      while (world.attempts.some(({ overdueAt }) => overdueAt.some((at) => at > world.now))) await passStep(STEP_MS);
      await sides.engine.advance(JUMP_MS);
      loseLease(world, JUMP_MS);
      await sides.compare();
    },
    async crash(downMs) {
      await sides.engine.kill();
      await sides.startAgain(world.now + downMs);
      crash(world, downMs);
      await sides.compare();
    },
    restart: (farewells) => restart(sides, farewells),
  };
}

async function restart(sides: Sides, farewells: readonly Farewell[]): Promise<void> {
  const { world, engine } = sides;
  const stopping = await engine.beginStop();
  drain(world);
  await sides.compare();
  for (const [index, attempt] of [...world.attempts].entries()) {
    const farewell = isStale(attempt) ? "succeed" : (farewells[index % farewells.length] ?? "yield");
    if (farewell === "deaf") continue;
    puppetOf(engine, world, attempt).give({ kind: farewell });
    obeyDraining(world, attempt, { kind: farewell });
    await sides.compare();
  }
  if (world.attempts.length > 0) {
    await engine.advance(DRAIN_MS);
    endDrain(world, DRAIN_MS);
    await sides.compare();
  }
  await stopping.end();
  await sides.startAgain(world.now);
  crash(world, 0);
  await sides.compare();
}
