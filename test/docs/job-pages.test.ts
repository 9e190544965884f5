// The pages about the job types tell the truth. Of every page in docs/jobs, which is called as its job type, the
// `console` blocks are run against a server on a free port, and the table below "## Input" lists the fields of the type.
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { JobTypeInfo } from "../../src/domain/job-control.ts";
import { createHttpClient } from "../support/http-client.ts";
import { startServer } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { stepsOf, walk } from "./console-walk.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGES = path.join(ROOT, "docs/jobs");
/** Where the pages take the server to be. */
const WRITTEN_ADDRESS = "127.0.0.1:8080";
/** Only ends a run that waits for a state which never comes. */
const TIMEOUT_MS = 240_000;

const pages = (await readdir(PAGES)).filter((name) => name.endsWith(".md"));
const read = (page: string) => readFile(path.join(PAGES, page), "utf8");

for (const page of pages) {
  test(`every command of docs/jobs/${page} prints what the page shows`, { timeout: TIMEOUT_MS }, async (t) => {
    const folder = await tempFolder(t);
    const server = await startServer({ dataDir: path.join(folder, "data") });
    try {
      const steps = stepsOf((await read(page)).replaceAll(WRITTEN_ADDRESS, new URL(server.url).host));
      assert.ok(steps.some(({ shown }) => shown !== ""));
      const printed = await walk(steps, { ...(await placeIn(folder)), signal: t.signal });
      for (const [index, { command, shown }] of steps.entries()) {
        assert.equal(withoutPlaces(printed[index] ?? ""), withoutPlaces(shown), command);
      }
    } finally {
      await server.stop();
    }
  });
}

/** A folder like the project's: the commands write their files into it, and find the packages and Node there. */
async function placeIn(folder: string) {
  const directory = path.join(folder, "walk");
  await mkdir(directory);
  await symlink(path.join(ROOT, "node_modules"), path.join(directory, "node_modules"));
  const environment = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` };
  return { directory, environment };
}

/** How far a job is when it is looked at in the middle depends on the machine; everything else has to be as shown. */
function withoutPlaces(text: string): string {
  return text.replace(/^(.*\b(?:queued|running|pausing|paused|cancelling|cancelled), )\d+/gm, "$1some");
}

test("the page of every job type that ships lists the fields of its input, with their defaults", async (t) => {
  const types = await jobTypes(path.join(await tempFolder(t), "data"));
  assert.deepEqual(types.map(({ name }) => `${name}.md`).sort(), [...pages].sort());
  for (const { name, input } of types) assert.deepEqual(inputTable(await read(`${name}.md`)), fieldsOf(input), name);
});

async function jobTypes(dataDir: string): Promise<readonly JobTypeInfo[]> {
  const server = await startServer({ dataDir });
  try {
    const { call } = createHttpClient(server.url);
    return (await call<{ items: readonly JobTypeInfo[] }>("GET", "/api/v1/job-types")).body.items;
  } finally {
    await server.stop();
  }
}

/** The first two cells of each row of the table below the heading. */
function inputTable(page: string): readonly (readonly string[])[] {
  const [, table = ""] = /^## Input\n+((?:\|.*\n)+)/m.exec(page) ?? [];
  const [head = "", , ...rows] = table.trimEnd().split("\n");
  assert.match(head, /^\| field \| default \| meaning \|$/);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, 3)
      .map((cell) => cell.trim()),
  );
}

interface ObjectSchema {
  readonly properties: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly required?: readonly string[];
}

function fieldsOf(input: unknown): readonly (readonly string[])[] {
  const { properties, required = [] } = input as ObjectSchema;
  return Object.entries(properties).map(([name, schema]) => {
    const standard = schema.default === undefined ? "none" : `\`${schema.default}\``;
    return [`\`${name}\``, required.includes(name) ? "required" : standard];
  });
}
