// The guide of the dashboard tells the truth: every key that steers a job is the one that the pages listen to.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { ACTIONS } from "../../src/domain/lifecycle.ts";
import { ACTION_VIEWS } from "../../ui/state/actions.ts";

test("docs/guides/dashboard.md lists the key of each action", async () => {
  const guide = await readFile(new URL("../../docs/guides/dashboard.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| `(\w)` \| a job, list of jobs \| (.+) \|$/gm)].map(([, key, verb]) => [
    key,
    verb,
  ]);
  assert.deepEqual(
    rows,
    ACTIONS.map((action) => [ACTION_VIEWS[action].key, ACTION_VIEWS[action].verb]),
  );
});
