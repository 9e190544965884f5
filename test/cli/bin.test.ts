import assert from "node:assert/strict";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runNode } from "../support/pawl-command.ts";
import { tempFolder } from "../support/temp-folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Makes the Node that runs the script believe that it is an old one. */
const AS_OLD_NODE = [
  "--import",
  'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})',
];

/** A folder like an installed package, with a program that prints what it was started with. */
async function installed(t: TestContext): Promise<{ readonly folder: string; readonly bin: string }> {
  const folder = await tempFolder(t);
  const bin = path.join(folder, "bin/pawl.js");
  await mkdir(path.dirname(bin));
  await copyFile(path.join(root, "bin/pawl.js"), bin);
  await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
  return { folder, bin };
}

async function build(folder: string): Promise<void> {
  await mkdir(path.join(folder, "dist/cli"), { recursive: true });
  const program =
    "console.log(Number(process.versions.node.split('.')[0]) >= 24, ...process.argv.slice(2)); process.exitCode = 7;";
  await writeFile(path.join(folder, "dist/cli/main.js"), program);
}

test("the bin hands its arguments to the built program", async (t) => {
  const { folder, bin } = await installed(t);
  await build(folder);
  const { code, stdout } = await runNode([bin, "serve", "--port", "0"]);
  assert.deepEqual([code, stdout], [7, "true serve --port 0\n"]);
});

test("on an old Node the bin starts itself again on the project's own", async (t) => {
  const { folder, bin } = await installed(t);
  await build(folder);
  await mkdir(path.join(folder, "node_modules"));
  await symlink(path.join(root, "node_modules/node"), path.join(folder, "node_modules/node"));
  const { code, stdout } = await runNode([...AS_OLD_NODE, bin, "serve", "--port", "0"]);
  assert.deepEqual([code, stdout], [7, "true serve --port 0\n"]);
});

test("on an old Node without another the bin says what it needs", async (t) => {
  const { folder, bin } = await installed(t);
  await build(folder);
  const { code, stderr } = await runNode([...AS_OLD_NODE, bin, "serve"]);
  assert.equal(code, 1);
  assert.match(stderr, /^Pawl needs Node 24 or later; this is Node 20\.1\.0 \(.*\)\.\nInstall Node 24, or run: npx /);
});

test("a bin that is not built says so", async (t) => {
  const { bin } = await installed(t);
  const { code, stderr } = await runNode([bin, "serve"]);
  assert.equal(code, 1);
  assert.match(stderr, /^Pawl is not built: run `npm run build`/);
});
