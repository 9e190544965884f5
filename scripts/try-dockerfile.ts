// Builds and tries the image without a container engine: runs the Dockerfile's steps over a Debian made by debootstrap, and
// starts the result in namespaces of its own. Needs root, debootstrap, iproute2, npm and the network of a build.
// Usage: node scripts/try-dockerfile.ts [folder]; a folder that is named is kept, and its Debian used again.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildImage } from "./dockerfile/build-image.ts";
import { checkImage } from "./dockerfile/check-image.ts";
import { run } from "./dockerfile/command.ts";
import { imageConfig, parseDockerfile } from "./dockerfile/parse-dockerfile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [folder, phase] = process.argv.slice(2);

// Mounts and network end with the processes that see them. A build has the machine's network, a container has its own.
const PHASES = `"$1" "$2" "$3" build; exec unshare --net sh -e -c 'ip link set lo up; exec "$@"' sh "$1" "$2" "$3" check`;

/** Where the image was built. */
const noteIn = (place: string) => path.join(place, "image");

if (phase === "build") build(folder ?? "");
else if (phase === "check") await check(folder ?? "");
else process.exitCode = tryAll();

function tryAll(): number {
  const place = folder === undefined ? mkdtempSync(path.join(tmpdir(), "pawl-image-")) : path.resolve(folder);
  mkdirSync(place, { recursive: true });
  const args = ["--mount", "--propagation=private", "sh", "-e", "-c", PHASES, "sh"];
  const { status } = spawnSync("unshare", [...args, process.execPath, process.argv[1] ?? "", place], {
    stdio: "inherit",
    cwd: root,
  });
  if (folder === undefined) rmSync(place, { recursive: true, force: true });
  console.log(status === 0 ? "The Dockerfile does what it says." : "FAILED");
  return status ?? 1;
}

function build(place: string): void {
  console.log("Dockerfile:");
  const { mount, upper } = buildImage({ root, folder: place });
  writeFileSync(noteIn(place), mount);
  console.log(`  adds to its base: ${run("du", ["-sh", upper]).split("\t")[0]}`);
}

async function check(place: string): Promise<void> {
  console.log("Containers of it:");
  const config = imageConfig(parseDockerfile(readFileSync(path.join(root, "Dockerfile"), "utf8")));
  await checkImage({ image: { mount: readFileSync(noteIn(place), "utf8"), config }, folder: place });
}
