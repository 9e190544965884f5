// The guide about access tells the truth: its commands are run against a server on a free port, in a folder like a
// checkout's, and print what the page shows.
import assert from "node:assert/strict";
import { readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startServer } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { stepsOf, walk } from "./console-walk.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where the page takes the server to be. */
const WRITTEN_ADDRESS = "127.0.0.1:8080";
/** Only ends a walk that never ends. */
const TIMEOUT_MS = 240_000;

test("every command of the guide about access prints what the guide shows", { timeout: TIMEOUT_MS }, async (t) => {
  const directory = await tempFolder(t);
  for (const name of ["node_modules", "src", "package.json"])
    await symlink(path.join(ROOT, name), path.join(directory, name));
  const server = await startServer({ dataDir: path.join(directory, "access-walk") });
  try {
    const page = await readFile(path.join(ROOT, "docs/guides/access.md"), "utf8");
    const steps = stepsOf(page.replaceAll(WRITTEN_ADDRESS, new URL(server.url).host));
    assert.ok(steps.length > 15);
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PAWL_")));
    const printed = await walk(steps, { directory, environment, signal: t.signal });
    for (const [index, { command, shown }] of steps.entries())
      assert.equal(withoutChance(printed[index] ?? ""), withoutChance(shown), command);
  } finally {
    await server.stop();
  }
});

/** Ids and times are others in every run; everything else has to be as shown. */
const withoutChance = (text: string) =>
  text.replaceAll(/\b[0-9a-f]{12}\b/g, "<id>").replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d{3})?Z/g, "<time>");
