// Every place, event and condition of the lifecycle table, done to the store and compared with the table.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { JobRecord } from "../../domain/job.ts";
import { ACTIONS, type Action, isFinal, isLeased, isRepeat } from "../../domain/lifecycle.ts";
import type { Store } from "../../ports/store.ts";
import { PLENTY, type Register } from "./context.ts";
import { type LifecycleCase, lifecycleCases } from "./lifecycle-cases.ts";
import { type Driver, reach } from "./store-driver.ts";

const CASES_AT_ONCE = 250;

async function bringAbout(driver: Driver, { event, rollback, attemptsLeft }: LifecycleCase): Promise<unknown> {
  switch (event) {
    case "claim":
      return driver.claim();
    case "succeed":
    case "halt":
      return driver.settle(event);
    case "fail":
      return driver.settle(event, {
        failure: { code: "error", message: "It broke.", details: null, retryInMs: attemptsLeft ? 1_000 : null },
      });
    case "cancel":
    case "terminate":
      return driver.control(event, { rollback });
    case "pause":
    case "resume":
    case "retry":
    case "rollback":
      return driver.control(event);
    case "lost":
      return null;
  }
}

interface Trial {
  readonly trial: LifecycleCase;
  readonly driver: Driver;
  readonly before: JobRecord;
  /** How many entries its history had. */
  readonly entriesBefore: number;
}

async function loseAll(store: Store, trials: readonly Trial[], crashLoop: boolean): Promise<void> {
  const lost = trials.filter(({ trial }) => trial.event === "lost" && trial.crashLoop === crashLoop);
  await Promise.all(lost.map(({ driver }) => store.leases.retire(driver.workerId)));
  await store.leases.reap({ crashLimit: crashLoop ? 1 : 100 });
}

function checkPlace(after: JobRecord): void {
  equal(after.workerId !== null, isLeased(after.state), "a worker holds it exactly in leased states");
  equal(after.claimedAt !== null, isLeased(after.state));
  equal(after.finishedAt !== null, isFinal(after.state), "it is finished exactly in final states");
}

async function checkCase(
  store: Store,
  { trial, driver, before, entriesBefore }: Trial,
  answer: unknown,
): Promise<void> {
  const { event, expected } = trial;
  const said = JSON.stringify(trial);
  const after = await driver.record();
  const place = { phase: after.phase, state: after.state };
  const entries = await store.history.history(driver.id, PLENTY);
  deepEqual(
    entries.map((entry) => entry.seq),
    entries.map((_, index) => index + 1),
    said,
  );
  checkPlace(after);
  if (expected === null) {
    deepEqual(after, before, said);
    equal(entries.length, entriesBefore, said);
  } else {
    deepEqual(place, { phase: expected.phase, state: expected.state }, said);
    const last = entries.at(-1);
    deepEqual([last?.kind, last?.state, last?.phase], [event, expected.state, expected.phase], said);
    equal(entries.length, entriesBefore + 1, said);
  }
  const action = ACTIONS.find((candidate) => candidate === event);
  if (action !== undefined) checkAnswer(trial, action, before, answer);
  else if (event !== "lost") equal(answer !== null, expected !== null, said);
}

function checkAnswer(trial: LifecycleCase, action: Action, before: JobRecord, answer: unknown): void {
  const repeat = isRepeat(action, before.phase, before.state, before.control?.action ?? null);
  const kind = trial.expected !== null ? "requested" : repeat ? "already" : "refused";
  ok(typeof answer === "object" && answer !== null && "kind" in answer);
  equal(answer.kind, kind, JSON.stringify(trial));
}

export function lifecycleTests(test: Register): void {
  test("every event at every place, under all facts, leads exactly where the table says", async ({ store }) => {
    const cases = [...lifecycleCases()];
    ok(cases.length > 1_000);
    for (let from = 0; from < cases.length; from += CASES_AT_ONCE) {
      const trials = await Promise.all(
        cases.slice(from, from + CASES_AT_ONCE).map(async (trial) => {
          const driver = await reach(store, trial.phase, trial.state, trial.traits);
          const before = await driver.record();
          deepEqual([before.phase, before.state], [trial.phase, trial.state]);
          const entriesBefore = (await store.history.history(driver.id, PLENTY)).length;
          return { trial, driver, before, entriesBefore };
        }),
      );
      const answers = await Promise.all(trials.map(({ driver, trial }) => bringAbout(driver, trial)));
      await loseAll(store, trials, false);
      await loseAll(store, trials, true);
      await Promise.all(trials.map((trial, index) => checkCase(store, trial, answers[index])));
    }
  });
}
