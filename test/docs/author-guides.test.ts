// The guides for authors and operators tell the truth: each example runs and prints what its guide shows, and the code that a guide shows
// stands in its example.
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

/** Each guide, its example, and how many pieces of the example it shows at least. */
const GUIDES = [
  { guide: "iterate", example: "nested-loops", excerpts: 2 },
  { guide: "steps", example: "ship-order", excerpts: 1 },
  { guide: "journal-and-undo", example: "create-teams", excerpts: 1 },
  { guide: "sleep", example: "send-reminder", excerpts: 2 },
  { guide: "failing", example: "call-partner", excerpts: 3 },
  { guide: "secrets", example: "log-in", excerpts: 1 },
  { guide: "operating", example: "stop-a-mailing", excerpts: 7 },
  { guide: "schedules", example: "nightly-report", excerpts: 3 },
  { guide: "deduplication", example: "rebuild-index", excerpts: 2 },
  { guide: "serving", example: "serve-own-jobs", excerpts: 2 },
  { guide: "client", example: "steer-a-server", excerpts: 4 },
] as const;

for (const { guide, example, excerpts } of GUIDES) {
  const page = `docs/guides/${guide}.md`;
  const program = `examples/${example}.ts`;

  test(`${program} prints what ${page} shows`, async () => {
    const [step] = stepsOf(await read(page));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { cwd: ROOT });
    // How far a job is when it is paused depends on the machine.
    const withoutPlace = (text: string) => text.trimEnd().replace(/\d+ of \d+/, "some of many");
    assert.equal(step?.command, `npx node ${program}`);
    assert.equal(withoutPlace(stdout), withoutPlace(step?.shown ?? ""));
    assert.equal(stderr, "");
  });

  test(`the code that ${page} shows stands in ${program}`, async () => {
    const code = await read(program);
    const shown = [...(await read(page)).matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
    assert.ok(shown.length >= excerpts);
    for (const excerpt of shown) assert.ok(code.includes(excerpt), excerpt);
  });
}
