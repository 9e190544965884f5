// The guide to transactions tells the truth: its example prints what the guide shows, and its code stands in the example.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { testPostgres } from "../support/postgres.ts";
import { stepsOf } from "./console-walk.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const GUIDE = "docs/guides/transactions.md";
const EXAMPLE = "examples/place-order.ts";
const read = (name: string) => readFile(path.join(ROOT, name), "utf8");

const postgres = await testPostgres();

test("the example places orders in a real database and prints what the guide shows", {
  skip: postgres.skip,
}, async () => {
  const [step] = stepsOf(await read(GUIDE));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [EXAMPLE], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: postgres.url },
  });
  assert.equal(step?.command, `DATABASE_URL=postgres://localhost/shop npx node ${EXAMPLE}`);
  assert.equal(stdout.trimEnd(), step?.shown);
  assert.equal(stderr, "");
});

test("the code that the guide shows stands in the example", async () => {
  const example = await read(EXAMPLE);
  const excerpts = [...(await read(GUIDE)).matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  assert.ok(excerpts.length >= 3);
  for (const excerpt of excerpts) assert.ok(example.includes(excerpt), excerpt);
});
