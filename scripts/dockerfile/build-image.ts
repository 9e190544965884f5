// Runs the steps of a Dockerfile in order: each stage is a layer over the one that it is built on, COPY copies what
// .dockerignore lets in, RUN runs in a chroot. Needs a mount namespace of its own, which takes all mounts with it.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { prepareBase } from "./base-image.ts";
import { run } from "./command.ts";
import { performCopy } from "./copy-step.ts";
import { type Instruction, imageConfig, lineage, parseDockerfile, type Stage } from "./parse-dockerfile.ts";

export interface BuildOptions {
  /** The project. */
  readonly root: string;
  /** For the layers. What is there is used again if it is the base, and replaced otherwise. */
  readonly folder: string;
}

/** A stage's file system, mounted. */
interface Layer {
  readonly stage: Stage;
  readonly mount: string;
  /** What the stage itself added. */
  readonly upper: string;
  /** What it is built on, the latest first. */
  readonly below: readonly string[];
}

const BUILDER_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Answers where the last stage is mounted, and what it adds to the base. */
export function buildImage({ root, folder }: BuildOptions): { readonly mount: string; readonly upper: string } {
  const stages = parseDockerfile(readFileSync(path.join(root, "Dockerfile"), "utf8"));
  const base = path.join(folder, "base");
  const layers: Layer[] = [];
  for (const stage of stages) {
    const image = lineage(stages, stage)[0]?.from ?? stage.from;
    prepareBase(image, { root, folder: base });
    const parent = layers.find((layer) => layer.stage.name === stage.from);
    const below = parent ? [parent.upper, ...parent.below] : [base];
    const layer = mountLayer(stage, below, path.join(folder, `stage-${layers.length}`));
    layers.push(layer);
    const { workdir } = imageConfig(stages.slice(0, layers.length));
    for (const instruction of stage.instructions) perform(instruction, layer.mount, { root, layers, workdir });
  }
  const last = layers.at(-1);
  if (!last) throw new Error("The Dockerfile has no stage.");
  return last;
}

function mountLayer(stage: Stage, below: readonly string[], place: string): Layer {
  run("rm", ["-rf", place]);
  const upper = path.join(place, "upper");
  const work = path.join(place, "work");
  const mount = path.join(place, "root");
  for (const folder of [upper, work, mount]) mkdirSync(folder, { recursive: true });
  run("mount", [
    "-t",
    "overlay",
    "overlay",
    "-o",
    `lowerdir=${below.join(":")},upperdir=${upper},workdir=${work}`,
    mount,
  ]);
  return { stage, mount, upper, below };
}

interface Surroundings {
  readonly root: string;
  readonly layers: readonly Layer[];
  readonly workdir: string;
}

function perform(instruction: Instruction, mount: string, { root, layers, workdir }: Surroundings): void {
  const { keyword, text } = instruction;
  if (!["COPY", "RUN", "WORKDIR"].includes(keyword)) return;
  console.log(`  ${keyword} ${text}`);
  if (keyword === "WORKDIR") mkdirSync(path.join(mount, text), { recursive: true });
  if (keyword === "COPY") performCopy(instruction, { root, mount, workdir, stage: (name) => mountOf(layers, name) });
  if (keyword === "RUN") runInside(text, mount, workdir);
}

function mountOf(layers: readonly Layer[], name: string): string {
  const layer = layers.find(({ stage }) => stage.name === name);
  if (layer) return layer.mount;
  throw new Error(`There is no stage ${name} to copy from.`);
}

/** As root, with this machine's network, names and certificates: what a builder brings along. */
function runInside(command: string, mount: string, workdir: string): void {
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  run("mount", ["-t", "proc", "proc", path.join(mount, "proc")]);
  run("mount", ["-t", "tmpfs", "tmpfs", path.join(mount, "run")]);
  run("mount", ["--bind", "/dev", path.join(mount, "dev")]);
  const brought = certificates === undefined ? [] : ["NODE_EXTRA_CA_CERTS=/run/certificates.pem"];
  if (certificates !== undefined) copyFileSync(certificates, path.join(mount, "run/certificates.pem"));
  try {
    const environment = [`PATH=${BUILDER_PATH}`, "HOME=/root", ...brought];
    run("chroot", [mount, "/usr/bin/env", "-i", "-C", workdir, ...environment, "/bin/sh", "-c", command], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  } finally {
    for (const place of ["dev", "run", "proc"]) run("umount", [path.join(mount, place)]);
  }
}
