// Breaks the engine on purpose, one way at a time and in a copy, and checks that the tests notice: a promise whose breach
// no test sees is not kept for long. Prints which test caught which mutant; fails when one survives.
// Usage: node scripts/mutants.ts [words of a mutant's name].
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Catcher, type Edit, MUTANTS, type Mutant } from "./mutants/list.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COPIED = ["src", "test", "scripts", "examples", "package.json", "tsconfig.json"];
/** Copies that are broken side by side. */
const LANES = 2;
/** What the model's runs start from, so that each time the same run catches the same mutant; how many it takes at most. */
const MODEL = { SEED: "1", MODEL_RUNS: "150" };
/** A test that hangs has failed. */
const TEST_TIMEOUT_MS = 120_000;
/** In each copy: what tests that are cut off leave behind goes with it. */
const TEMPORARY = "tmp";
const FAILURE = /^ *not ok \d+ - (.*)$/m;

interface Verdict {
  /** The first test that failed, `null` when all passed. */
  readonly failed: string | null;
  readonly passed: number;
}

interface Row {
  readonly mutant: Mutant;
  /** By catcher, in their order. */
  readonly verdicts: readonly Verdict[];
  readonly seconds: number;
}

const chosen = MUTANTS.filter(({ name }) => name.includes(process.argv.slice(2).join(" ")));
const copies = await Promise.all(Array.from({ length: LANES }, makeCopy));
try {
  await checkUnbroken();
  const rows = await inLanes(chosen, tryMutant);
  report(rows);
} finally {
  await Promise.all(copies.map((copy) => rm(copy, { recursive: true, force: true })));
}

async function makeCopy(): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), "pawl-mutants-"));
  for (const entry of COPIED) await cp(path.join(ROOT, entry), path.join(copy, entry), { recursive: true });
  await symlink(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
  await mkdir(path.join(copy, TEMPORARY));
  return copy;
}

/** Does `work` for all items, each in a copy that nobody else uses meanwhile; answers in the order of the items. */
async function inLanes<T, R>(items: readonly T[], work: (item: T, copy: string) => Promise<R>): Promise<readonly R[]> {
  const left = [...items.entries()];
  const results: R[] = [];
  const lane = async (copy: string) => {
    for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await work(next[1], copy);
  };
  await Promise.all(copies.map(lane));
  return results;
}

/** What fails without a mutant can catch none. */
async function checkUnbroken(): Promise<void> {
  const all = new Map(chosen.flatMap(({ caughtBy }) => caughtBy).map((catcher) => [nameOf(catcher), catcher]));
  await inLanes([...all.values()], async (catcher, copy) => {
    const { failed, passed } = await runTests(catcher, copy);
    if (failed !== null) throw new Error(`${nameOf(catcher)} fails without any mutant: ${failed}`);
    if (passed === 0) throw new Error(`${nameOf(catcher)} has no test.`);
  });
  console.log(`${all.size} groups of tests pass on the engine as it is.`);
}

async function tryMutant(mutant: Mutant, copy: string): Promise<Row> {
  const started = performance.now();
  const originals = await applyAll(mutant, copy);
  try {
    const verdicts: Verdict[] = [];
    for (const catcher of mutant.caughtBy) verdicts.push(await runTests(catcher, copy));
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(`${mutant.name}: ${verdicts.every(({ failed }) => failed !== null) ? "caught" : "SURVIVED"}`);
    return { mutant, verdicts, seconds };
  } finally {
    for (const [file, text] of originals) await writeFile(path.join(copy, file), text);
  }
}

/** Answers the files as they were. */
async function applyAll({ name, edits }: Mutant, copy: string): Promise<ReadonlyMap<string, string>> {
  const originals = new Map<string, string>();
  for (const edit of edits) {
    const text = await readFile(path.join(copy, edit.file), "utf8");
    if (!originals.has(edit.file)) originals.set(edit.file, text);
    await writeFile(path.join(copy, edit.file), applied(name, edit, text));
  }
  return originals;
}

function applied(name: string, { file, find, replace }: Edit, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(
      `Mutant "${name}": its text is ${parts.length - 1} times in ${file}. Mend scripts/mutants/list.ts.`,
    );
  }
  return parts.join(replace);
}

function nameOf({ file, named }: Catcher): string {
  return named === undefined ? file : `${file} (${named})`;
}

/** One failure is enough: then the rest is not waited for. */
async function runTests({ file, named }: Catcher, copy: string): Promise<Verdict> {
  const pattern = named === undefined ? [] : [`--test-name-pattern=^${named}`];
  const options = ["--test-isolation=none", "--test-reporter=tap", `--test-timeout=${TEST_TIMEOUT_MS}`];
  const child = spawn(process.execPath, ["--test", ...options, ...pattern, file], {
    cwd: copy,
    env: { ...process.env, ...MODEL, TMPDIR: path.join(copy, TEMPORARY) },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (FAILURE.test(output)) child.kill("SIGKILL");
  });
  const [code] = await once(child, "close");
  const failed = FAILURE.exec(output)?.[1] ?? null;
  // A mutant that cannot even be loaded says nothing of the tests.
  if (code !== 0 && (failed === null || failed.endsWith(".ts"))) throw new Error(`${file} ended badly:\n${output}`);
  return { failed, passed: Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0) };
}

function report(rows: readonly Row[]): void {
  console.log("\nmutant | caught by | seconds\n--- | --- | ---");
  for (const { mutant, verdicts, seconds } of rows) {
    const catches = mutant.caughtBy.map((catcher, index) => {
      const failed = verdicts[index]?.failed ?? null;
      return failed === null ? `NOT by ${nameOf(catcher)}` : `${catcher.file}: ${failed}`;
    });
    console.log(`${mutant.name}: ${mutant.breaks} | ${catches.join("<br>")} | ${seconds}`);
  }
  const survivors = rows.filter(({ verdicts }) => verdicts.some(({ failed }) => failed === null));
  console.log(`\n${rows.length - survivors.length} of ${rows.length} mutants were caught by every test that has to.`);
  if (survivors.length > 0) process.exitCode = 1;
}
