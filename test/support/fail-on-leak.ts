// Loaded before every test file by `npm test`: a file whose tests are done but whose process lives on has left something
// open - a server, a store, a timer - and fails, naming it. Without this it would hang for ever.
import { after } from "node:test";

/** Counts from before the file's own hooks, which close a browser or drop a schema: far longer than they take. */
const GRACE_MS = 60_000;

function failIfAlive(): void {
  process.stderr.write(`Something was left open: ${process.getActiveResourcesInfo().join(", ")}.\n`);
  process.exit(1);
}

// The timer keeps nothing alive: it only fires when something else does. The runner itself loads this file too, but has
// no test context.
if (process.env.NODE_TEST_CONTEXT !== undefined) after(() => setTimeout(failIfAlive, GRACE_MS).unref());
