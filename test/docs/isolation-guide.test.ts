// The guide to processes of their own tells the truth: its example prints what it shows, and its code stands in the example.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ownProcess } from "../../src/isolation/index.ts";
import { stepsOf } from "./console-walk.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = "docs/guides/isolation.md";
const read = (name: string) => readFile(path.join(ROOT, name), "utf8");

test("examples/simulate.ts prints what the guide shows", async () => {
  const [step] = stepsOf(await read(PAGE));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["examples/simulate.ts"], { cwd: ROOT });
  assert.equal(step?.command, "npx node examples/simulate.ts");
  assert.equal(stdout.trimEnd(), step?.shown.trimEnd());
  assert.equal(stderr, "");
});

test("the code that the guide shows stands in the example", async () => {
  const code = await read("examples/simulate-jobs.ts");
  const shown = [...(await read(PAGE)).matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  assert.ok(shown.length > 0);
  for (const excerpt of shown) assert.ok(code.includes(excerpt), excerpt);
});

test("the guide names the grace that holds by default", async () => {
  const { pauseGraceMs } = ownProcess(import.meta.url);
  assert.ok((await read(PAGE)).includes(`\`pauseGraceMs\`, default ${pauseGraceMs.toLocaleString("en")} `));
});
