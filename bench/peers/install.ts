// Installs the programs that Pawl is held against, in a folder of their own, and loads them from there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const VERSIONS = { "pg-boss": "12.35.0", "graphile-worker": "0.18.0" } as const;
type PeerPackage = keyof typeof VERSIONS;

const PACKAGES = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
const FOLDER = join(
  fileURLToPath(new URL("../../node_modules/.cache/pawl-bench/", import.meta.url)),
  PACKAGES.join("+"),
);

/** Does nothing when these versions are there. */
export function installPeers(): void {
  const done = join(FOLDER, "installed");
  if (existsSync(done)) return;
  console.log(`Installing ${PACKAGES.join(" and ")} in ${FOLDER}\n`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "package.json"), '{ "private": true }\n');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...PACKAGES], {
    cwd: FOLDER,
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(done, "");
}

/** What the package exports. */
export async function loadPeer<Exports>(name: PeerPackage): Promise<Exports> {
  const entry = createRequire(join(FOLDER, "package.json")).resolve(name);
  return import(pathToFileURL(entry).href);
}
