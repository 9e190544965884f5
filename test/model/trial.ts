// The engine and the model side by side: whatever is done is done to both, and they are compared each time.
import type { Manager } from "../../src/index.ts";
import { compare } from "./comparison.ts";
import type { Coverage } from "./coverage.ts";
import { createFaults } from "./faults.ts";
import { startProcess } from "./process.ts";
import type { StepCounts } from "./puppets.ts";
import type { Faults, Sides, Steering } from "./sides.ts";
import { createSteering } from "./steering.ts";
import { createWorld, type World } from "./world.ts";

export interface Trial extends Steering, Faults {
  readonly world: World;
  readonly manager: Manager;
  readonly coverage: Coverage;
  /** Ends the present process, whatever it is in. */
  abandon(): Promise<void>;
}

export interface TrialOptions {
  readonly folder: string;
  readonly startAt: number;
  readonly coverage: Coverage;
}

export async function startTrial({ folder, startAt, coverage }: TrialOptions): Promise<Trial> {
  const work: StepCounts = new Map();
  const world = createWorld(startAt, coverage.met);
  let engine = await startProcess({ folder, startAt, work });
  const sides: Sides = {
    world,
    coverage,
    get engine() {
      return engine;
    },
    compare: () => compare({ world, engine, work }),
    async startAgain(startAt) {
      engine = await startProcess({ folder, startAt, work });
    },
  };
  return {
    ...createSteering(sides),
    ...createFaults(sides),
    world,
    coverage,
    get manager() {
      return engine.manager;
    },
    abandon: () => engine.kill(),
  };
}
