// The README tells the truth: its walk is walked, command by command, and its example runs.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../support/free-port.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { stepsOf, walk } from "./console-walk.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("every command of the README's walk prints what the README shows", async (t) => {
  const port = await freePort();
  const page = await readFile(path.join(ROOT, "README.md"), "utf8");
  const steps = stepsOf(page.replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`));
  assert.ok(steps.length > 20);
  const directory = await tempFolder(t);
  for (const name of ["node_modules", "src", "package.json"])
    await symlink(path.join(ROOT, name), path.join(directory, name));
  const printed = await walk(steps, { directory, environment: { ...process.env, PAWL_PORT: String(port) } });
  for (const [index, { command, shown }] of steps.entries()) {
    assert.equal(withoutFigures(printed[index] ?? "", command), withoutFigures(shown, command), command);
  }
});

/** How many rows are done at a moment in the middle depends on the machine; everything else has to be as shown. */
function withoutFigures(text: string, command: string): string {
  const midway = /running|pausing|paused|queued|cancelling/.test(text) && command.endsWith("| show");
  return midway ? text.replace(/\d+ of 100000/, "some of 100000") : text;
}

/** Where the package's entries lie in the source tree. */
const ENTRIES = {
  pawl: "src/index.ts",
  "pawl/files": "src/files/index.ts",
  "pawl/sqlite": "src/stores/sqlite/index.ts",
} as const;

test("the README's example of a job runs to its end", async (t) => {
  const page = await readFile(path.join(ROOT, "README.md"), "utf8");
  const [, example = ""] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
  const directory = await tempFolder(t);
  await symlink(path.join(ROOT, "node_modules"), path.join(directory, "node_modules"));
  const program = Object.entries(ENTRIES).reduce(
    (text, [name, file]) => text.replace(`from "${name}"`, `from ${JSON.stringify(path.join(ROOT, file))}`),
    example,
  );
  const file = path.join(directory, "example.ts");
  await writeFile(file, `${program}\nconsole.log("ended");\n`);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: directory });
  assert.equal(stdout, "succeeded\nended\n");
});
