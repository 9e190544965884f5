// The corpus of bad input: each case is refused as it says, changes nothing, tells nothing of the program's inside, leaves
// the server alive and its log in one line an entry. One server takes them all, one after the other.
import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { CASES } from "./cases/index.ts";
import { assertLogLines } from "./log-lines.ts";
import { runCase } from "./run-case.ts";
import { startWorld } from "./world.ts";

const CASES_MIN = 300;

test("the corpus has enough cases, each with a name of its own", () => {
  const all = CASES.flatMap(({ cases }) => cases.map(({ name }) => name));
  assert.ok(all.length >= CASES_MIN, `${all.length} cases`);
  const twice = all.filter((name, index) => all.indexOf(name) !== index);
  assert.deepEqual(twice, []);
});

test("what is sent to hurt is refused, or is data and nothing else", async (t) => {
  const world = await startWorld(t);
  for (const { theme, cases } of CASES) {
    await t.test(theme, async () => {
      const failures: string[] = [];
      for (const one of cases) {
        await runCase(world, one).catch((error: Error) => failures.push(`${one.name}: ${error.message}`));
        // What one case left behind is not the next one's fault.
        world.settle();
      }
      assert.equal(failures.length, 0, failures.join("\n\n"));
    });
  }
  await t.test("uploads that broke off leave nothing on the disk", async () => {
    await waitFor(async () => world.stored.arriving().length === 0, { what: "halves of files to be deleted" });
  });
  await t.test("no entry of the log spans two lines, and none is forged", () => assertLogLines(world));
});
