// The commands that random runs are made of. Each picks among what there is when it comes to run, so that whatever
// fast-check leaves out, the rest still means something.
import fc from "fast-check";
import type { Action } from "../../src/index.ts";
import { KINDS, type Kind } from "./kinds.ts";
import type { Order } from "./puppets.ts";
import type { Farewell } from "./sides.ts";
import type { Trial } from "./trial.ts";
import { makeVisit, VISITS } from "./visits.ts";
import { isStale, type ModelAttempt, undoesEntry, type World } from "./world.ts";

type Command = fc.AsyncCommand<World, Trial>;

/** A choice that is made when the command runs. */
type Pick = number;

const pick = fc.nat({ max: 2 ** 20 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const pickOf = <T>(items: readonly T[], choice: Pick): T | undefined => items[choice % items.length];

/** Made when the command runs: what it acts on, if there is such a thing. */
interface Plan<T> {
  /** What is printed when a run fails. */
  readonly says: string;
  readonly find: (world: Readonly<World>) => T | undefined;
  readonly run: (trial: Trial, found: T) => Promise<unknown>;
}

function command<T>({ says, find, run }: Plan<T>): Command {
  return {
    check: (world) => find(world) !== undefined,
    async run(world, trial) {
      const found = find(world);
      if (found !== undefined) await run(trial, found);
    },
    toString: () => says,
  };
}

const always = () => true;

const SUBMITTED: readonly Kind[] = ["keeps", "plain", "careful", "journalled"];
/** The narrow one is the one that most is done with. */
const QUEUES = ["default", "narrow", "narrow"];
const MOST_JOBS = 10;
const FAR_MS = 25_000;

const submit = fc
  .record({
    kind: fc.constantFrom(...SUBMITTED),
    key: maybe(fc.constant("a")),
    queue: fc.constantFrom(...QUEUES),
    priority: maybe(fc.integer({ min: -1, max: 2 })),
    delayMs: maybe(fc.constantFrom(1_000, FAR_MS)),
    maxAttempts: maybe(fc.integer({ min: 1, max: 3 })),
  })
  .map((given) =>
    command({
      says: `submit ${JSON.stringify(given)}`,
      find: (world) => world.jobs.length < MOST_JOBS || undefined,
      run: (trial) => trial.submit(given),
    }),
  );

const ACTIONS: readonly Action[] = ["pause", "resume", "cancel", "terminate", "retry", "rollback"];

const ask = fc
  .record({
    job: pick,
    action: fc.constantFrom(...ACTIONS),
    rollback: maybe(fc.boolean()),
    fromStart: maybe(fc.boolean()),
    requestId: maybe(fc.constantFrom("first", "second")),
  })
  .map(({ job, action, ...options }) =>
    command({
      says: `${action} #${job} ${JSON.stringify(options)}`,
      find: (world) => pickOf(world.jobs, job),
      run: (trial, found) => trial.ask(found, action, options),
    }),
  );

/** Cursors and entries differ from each other, so that none can be taken for another. */
const number = fc.nat({ max: 1_000_000 });

const orders: fc.Arbitrary<Order> = fc.oneof(
  { weight: 3, arbitrary: number.map((cursor) => ({ kind: "checkpoint" as const, cursor })) },
  { weight: 4, arbitrary: fc.constantFrom("one", "two").map((name) => ({ kind: "step" as const, name })) },
  { weight: 3, arbitrary: number.map((entry) => ({ kind: "journal" as const, entry })) },
  { weight: 2, arbitrary: fc.constantFrom("one", "two").map((name) => ({ kind: "sleep" as const, name, ms: 5_000 })) },
  { weight: 1, arbitrary: fc.constant({ kind: "later" as const, ms: 7_000 }) },
  { weight: 2, arbitrary: fc.constant({ kind: "yield" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "succeed" as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: "fail" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "give_up" as const }) },
);

/** Whether this handler can be told so now. */
function fits({ job, yields, passed }: ModelAttempt, order: Order): boolean {
  if (yields) return false;
  if (order.kind === "journal") return KINDS[job.type].undoes && job.phase === "forward";
  return order.kind !== "sleep" || !passed.has(order.name);
}

/** What one handler is told, one thing after the other as long as it is there. */
const order = fc
  .record({ attempt: pick, orders: fc.array(orders, { minLength: 1, maxLength: 3 }) })
  .map(({ attempt, orders }) =>
    command({
      says: `attempt #${attempt}: ${JSON.stringify(orders)}`,
      find: (world) =>
        pickOf(
          world.attempts.filter((one) => !isStale(one) && !one.yields),
          attempt,
        ),
      async run(trial, found) {
        for (const order of orders) {
          if (trial.world.attempts.includes(found) && fits(found, order)) await trial.order(found, order);
        }
      },
    }),
  );

const staleOrder = fc.record({ attempt: pick, order: orders, stubborn: fc.boolean() }).map((given) =>
  command({
    says: `stale attempt #${given.attempt}: ${JSON.stringify(given.order)}${given.stubborn ? ", and goes on" : ""}`,
    find: (world) => {
      const stale = world.attempts.filter((one) => isStale(one) && fits(one, given.order));
      return pickOf(stale, given.attempt);
    },
    run: (trial, found) => trial.order(found, given.order, { stubborn: given.stubborn && canGoOn(given.order, found) }),
  }),
);

/** Whether a handler that swallows what this order throws is where it was before. */
function canGoOn({ kind }: Order, { job }: ModelAttempt): boolean {
  if (kind === "succeed") return false;
  return kind !== "yield" || !undoesEntry(job);
}

const pass = fc
  .constantFrom(300, 1_000, 5_000, 10_000, 12_000)
  .map((ms) => command({ says: `${ms} ms pass`, find: always, run: (trial) => trial.pass(ms) }));

const crash = fc
  .constantFrom(0, 700, 40_000)
  .map((downMs) => command({ says: `crash, down ${downMs} ms`, find: always, run: (trial) => trial.crash(downMs) }));

const restart = fc
  .array(fc.constantFrom<Farewell>("yield", "succeed", "fail", "deaf"), { minLength: 1, maxLength: 3 })
  .map((farewells) =>
    command({ says: `restart: ${farewells.join(", ")}`, find: always, run: (trial) => trial.restart(farewells) }),
  );

const loseLease = fc.constant(command({ says: "the lease is lost", find: always, run: (trial) => trial.loseLease() }));

const editJob = fc
  .record({ job: pick, priority: maybe(fc.integer({ min: -1, max: 3 })), delayMs: fc.constantFrom(0, 2_000) })
  .map(({ job, ...change }) =>
    command({
      says: `edit #${job} ${JSON.stringify(change)}`,
      find: (world) => pickOf(world.jobs, job),
      run: (trial, found) => trial.edit(found, change),
    }),
  );

const remove = fc.record({ job: pick, force: fc.boolean() }).map(({ job, force }) =>
  command({
    says: `remove #${job}${force ? " with force" : ""}`,
    find: (world) => pickOf(world.jobs, job),
    run: (trial, found) => trial.remove(found, { force }),
  }),
);

const setQueue = fc
  .oneof(
    { weight: 1, arbitrary: fc.boolean().map((paused) => ({ paused })) },
    { weight: 2, arbitrary: fc.constantFrom(1, 1, 2, null).map((concurrency) => ({ concurrency })) },
  )
  .chain((change) => fc.constantFrom(...QUEUES).map((name) => ({ name, change })))
  .map(({ name, change }) =>
    command({
      says: `queue ${name} ${JSON.stringify(change)}`,
      find: always,
      run: (trial) => trial.setQueue(name, change),
    }),
  );

const addSchedule = fc
  .record({
    name: fc.constantFrom("s1", "s2"),
    everyMs: fc.constantFrom(5_000, 20_000),
    overlap: fc.constantFrom("skip" as const, "queue" as const),
    missed: fc.constantFrom("one" as const, "all" as const),
  })
  .map((given) =>
    command({
      says: `schedule ${JSON.stringify(given)}`,
      find: (world) => !world.schedules.has(given.name) || undefined,
      run: (trial) => trial.addSchedule(given),
    }),
  );

const changeSchedule = fc
  .record({ schedule: pick, change: fc.constantFrom("pause", "resume", "remove") })
  .map(({ schedule, change }) =>
    command({
      says: `schedule #${schedule}: ${change}`,
      find: (world) => pickOf([...world.schedules.values()], schedule),
      run: (trial, found) =>
        change === "remove" ? trial.removeSchedule(found) : trial.pauseSchedule(found, change === "pause"),
    }),
  );

const visit = fc.nat({ max: VISITS - 1 }).map((number) =>
  command({
    says: `visit ${number}`,
    find: (world) => world.jobs.length < MOST_JOBS || undefined,
    run: (trial) => makeVisit(trial, number),
  }),
);

const times = <T>(count: number, arbitrary: T): T[] => Array.from({ length: count }, () => arbitrary);

/** What runs are made of, the frequent ones several times. */
const ALL: readonly fc.Arbitrary<Command>[] = [
  ...times(10, submit),
  ...times(24, ask),
  ...times(24, order),
  ...times(4, staleOrder),
  ...times(8, pass),
  ...times(1, crash),
  ...times(1, restart),
  ...times(4, loseLease),
  ...times(4, editJob),
  ...times(2, remove),
  ...times(6, setQueue),
  ...times(4, addSchedule),
  ...times(2, changeSchedule),
  ...times(3, visit),
];

export const commands = fc.commands([...ALL], { maxCommands: 60, size: "max", disableReplayLog: true });
