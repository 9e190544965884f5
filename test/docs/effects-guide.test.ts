// The guide to effects tells the truth: its example prints what the guide shows, and its code stands in the examples.
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
const GUIDE = "docs/guides/effects.md";
const EXAMPLE = "examples/import-into-postgres.ts";
const read = (name: string) => readFile(path.join(ROOT, name), "utf8");

const postgres = await testPostgres();

test("the example imports into a real database and prints what the guide shows", { skip: postgres.skip }, async () => {
  const [step] = stepsOf(await read(GUIDE));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [EXAMPLE], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: postgres.url },
  });
  // How far the job is when it is paused depends on the machine; that the database holds just as much does not.
  const withoutPlace = (text: string) => text.trimEnd().replace(/(\d+) of 20000, \1 contacts/, "some, and as many");
  assert.equal(step?.command, `DATABASE_URL=postgres://localhost/crm npx node ${EXAMPLE}`);
  assert.match(withoutPlace(stdout), /^paused: some, and as many\n/);
  assert.equal(withoutPlace(stdout), withoutPlace(step?.shown ?? ""));
  assert.equal(stderr, "");
});

test("the code that the guide shows stands in an example", async () => {
  const examples = await Promise.all(["examples/import-contacts.ts", EXAMPLE].map(read));
  const excerpts = [...(await read(GUIDE)).matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  assert.ok(excerpts.length >= 4);
  for (const excerpt of excerpts)
    assert.ok(
      examples.some((example) => example.includes(excerpt)),
      excerpt,
    );
});
