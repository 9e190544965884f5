// A stand-in for the image node:<version>-<suite>-slim: Debian by debootstrap, Node from the project's own package `node`,
// npm from this machine, and the user `node`, at the places where the image has them.
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, symlinkSync } from "node:fs";
import path from "node:path";
import { run } from "./command.ts";

/** Makes it in `folder`, unless it is there from the last time. */
export function prepareBase(image: string, { root, folder }: { readonly root: string; readonly folder: string }): void {
  const [, version, suite] = /^node:([\d.]+)-(\w+)-slim$/.exec(image) ?? [];
  if (version === undefined || suite === undefined) throw new Error(`No stand-in is known for the image ${image}.`);
  const node = path.join(root, "node_modules/node");
  const present: { readonly version: string } = JSON.parse(readFileSync(path.join(node, "package.json"), "utf8"));
  if (present.version !== version) throw new Error(`The image has Node ${version}, the project ${present.version}.`);
  if (existsSync(folder)) return;
  const unfinished = `${folder}.unfinished`;
  run("rm", ["-rf", unfinished]);
  run("debootstrap", ["--variant=minbase", suite, unfinished]);
  const local = path.join(unfinished, "usr/local");
  cpSync(path.join(node, "bin/node"), path.join(local, "bin/node"));
  const modules = path.join(local, "lib/node_modules");
  mkdirSync(modules, { recursive: true });
  const npm = realpathSync(run("sh", ["-c", "command -v npm"]).trim());
  cpSync(path.resolve(npm, "../.."), path.join(modules, "npm"), { recursive: true, verbatimSymlinks: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", path.join(local, "bin/npm"));
  run("chroot", [unfinished, "groupadd", "--gid", "1000", "node"]);
  run("chroot", [unfinished, "useradd", "--uid", "1000", "--gid", "node", "--create-home", "node"]);
  renameSync(unfinished, folder);
}
