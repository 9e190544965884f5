import assert from "node:assert/strict";
import { test } from "node:test";
import { runNode } from "../support/pawl-command.ts";

const LOGGER = new URL("../../src/cli/logger.ts", import.meta.url).href;

/** What a program that uses the logger prints. */
async function log(level: string, statements: string): Promise<{ stdout: string; lines: Record<string, unknown>[] }> {
  const program = `import { createLogger } from ${JSON.stringify(LOGGER)}; const log = createLogger({ level: "${level}" }); ${statements}`;
  const { stdout, stderr } = await runNode(["--input-type=module", "--eval", program]);
  const lines = stderr.split("\n").slice(0, -1);
  return { stdout, lines: lines.map((line) => JSON.parse(line)) };
}

test("the log is one JSON line an entry on stderr, whatever an entry holds", async () => {
  const { stdout, lines } = await log(
    "info",
    String.raw`log.info({ file: "a\nb\u001b[2J" }, "two\nlines"); log.warn({}, "next");`,
  );
  assert.equal(stdout, "");
  assert.deepEqual(
    lines.map(({ time, ...rest }) => rest),
    [
      { level: "info", file: "a\nb\u001b[2J", msg: "two\nlines" },
      { level: "warn", msg: "next" },
    ],
  );
  assert.match(String(lines[0]?.time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test("lines below the level are not written", async () => {
  const { lines } = await log("warn", `log.debug({}, "a"); log.info({}, "b"); log.error({}, "c");`);
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ["c"],
  );
});

test("an error is written with its message, stack and cause, and an exit right after loses nothing", async () => {
  const { lines } = await log(
    "info",
    `log.error({ err: new Error("broke", { cause: new Error("why") }) }, "Failed."); process.exit(1);`,
  );
  const { message, stack } = Object(lines[0]?.err);
  assert.match(message, /broke/);
  assert.match(stack, /caused by: Error: why/);
});
