// Reads a Dockerfile, as far as this project's goes: what it does not know it refuses, so that nothing is passed over.

export interface Instruction {
  readonly keyword: string;
  readonly flags: Readonly<Record<string, string>>;
  /** What follows the flags, continued lines joined. */
  readonly text: string;
}

export interface Stage {
  /** As others call it, or `null`. */
  readonly name: string | null;
  /** An image, or the name of an earlier stage. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

const KNOWN = ["COPY", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "RUN", "USER", "VOLUME", "WORKDIR"];

/** Throws on an instruction that is not in the list above. */
export function parseDockerfile(source: string): readonly Stage[] {
  const stages: { name: string | null; from: string; instructions: Instruction[] }[] = [];
  for (const line of logicalLines(source)) {
    const instruction = parseInstruction(line);
    if (instruction.keyword === "FROM") {
      const [from = "", as = "", name = null] = instruction.text.split(/\s+/);
      if (as !== "" && as.toUpperCase() !== "AS") throw new Error(`Not understood: ${line}`);
      stages.push({ name, from, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage || !KNOWN.includes(instruction.keyword)) throw new Error(`Not understood: ${line}`);
    stage.instructions.push(instruction);
  }
  return stages;
}

function logicalLines(source: string): readonly string[] {
  return source
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function parseInstruction(line: string): Instruction {
  const [, keyword = "", rest = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
  const flags: Record<string, string> = {};
  let text = rest;
  for (let flag = leadingFlag(text); flag; flag = leadingFlag(text)) {
    flags[flag.name] = flag.value;
    text = flag.rest;
  }
  return { keyword: keyword.toUpperCase(), flags, text };
}

function leadingFlag(text: string) {
  const [, name, value, rest] = /^--([\w-]+)=(\S+)\s+(.*)$/.exec(text) ?? [];
  return name === undefined || value === undefined || rest === undefined ? null : { name, value, rest };
}

/** The words of a command that is a JSON array, or `null` for one that a shell has to read. */
function execForm(text: string): readonly string[] | null {
  if (!text.startsWith("[")) return null;
  const words: unknown = JSON.parse(text);
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  throw new Error(`Not a list of words: ${text}`);
}

/** What a COPY or ADD takes, and where to. */
export function copyOf({ text, flags }: Instruction): {
  readonly sources: readonly string[];
  readonly to: string;
  readonly from: string | null;
} {
  const words = text.split(/\s+/);
  const to = words.pop() ?? "";
  return { sources: words, to, from: flags.from ?? null };
}

/** The variables of an ENV. */
function variablesOf({ text }: Instruction): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(/\s+/).map((pair) => {
      const [, name, value] = /^(\w+)=([^\s"'$]+)$/.exec(pair) ?? [];
      if (name === undefined || value === undefined) throw new Error(`Not understood: ENV ${text}`);
      return [name, value];
    }),
  );
}

/** What a container of the last stage is started with. */
export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly volumes: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** Of a Dockerfile in which only the last stage and those that it builds on set anything. */
export function imageConfig(stages: readonly Stage[]): ImageConfig {
  const last = stages.at(-1);
  if (!last) throw new Error("The Dockerfile has no stage.");
  const instructions = lineage(stages, last).flatMap((stage) => stage.instructions);
  const all = (keyword: string) => instructions.filter((instruction) => instruction.keyword === keyword);
  const text = (keyword: string) => all(keyword).at(-1)?.text ?? "";
  return {
    env: Object.assign({}, ...all("ENV").map(variablesOf)),
    workdir: text("WORKDIR"),
    user: text("USER"),
    volumes: all("VOLUME").flatMap((volume) => execForm(volume.text) ?? volume.text.split(/\s+/)),
    entrypoint: execForm(text("ENTRYPOINT")) ?? [],
    command: execForm(text("CMD")) ?? [],
    healthcheck: execForm(text("HEALTHCHECK").replace(/^CMD\s+/, "")) ?? [],
  };
}

/** The stages that `stage` is built on, the first one first, and itself. */
export function lineage(stages: readonly Stage[], stage: Stage): readonly Stage[] {
  const parent = stages.find(({ name }) => name === stage.from);
  return parent ? [...lineage(stages, parent), stage] : [stage];
}
