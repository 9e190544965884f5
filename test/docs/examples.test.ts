// Every example runs, and the guides show what really stands in them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { stepsOf } from "./console-walk.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (name: string) => readFile(path.join(ROOT, name), "utf8");

test("the guide's example prints what the guide shows", async () => {
  const [step] = stepsOf(await read("docs/guides/writing-jobs.md"));
  const { stdout } = await promisify(execFile)(process.execPath, ["examples/import-contacts.ts"], { cwd: ROOT });
  // How far the job is when it is paused depends on the machine.
  const withoutPlace = (text: string) => text.trimEnd().replace(/\d+ of/, "some of");
  assert.equal(step?.command, "npx node examples/import-contacts.ts");
  assert.equal(withoutPlace(stdout), withoutPlace(step?.shown ?? ""));
});

test("the code that the guide shows stands in the example", async () => {
  const example = await read("examples/import-contacts.ts");
  const page = await read("docs/guides/writing-jobs.md");
  const excerpts = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  assert.ok(excerpts.length >= 3);
  for (const excerpt of excerpts) assert.ok(example.includes(excerpt), excerpt);
});
