// The import table of ARCHITECTURE.md holds because the linter enforces it. This proves that it does: for every folder,
// biome refuses imports that the table forbids and accepts those that it allows, under the project's own biome.json.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Rule {
  /** A file whose imports are judged. It does not need to exist in the project. */
  readonly file: string;
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

const RULES: readonly Rule[] = [
  {
    file: "src/domain/probe.ts",
    allowed: ["./job.ts"],
    forbidden: ["node:path", "zod", "../ports/store.ts", "../engine/manager.ts", "./../ports/store.ts", "../index.ts"],
  },
  {
    file: "src/ports/probe.ts",
    allowed: ["./clock.ts", "../domain/job.ts"],
    forbidden: [
      "node:fs",
      "zod",
      "../engine/manager.ts",
      "../stores/sqlite/index.ts",
      "../domain/../engine/manager.ts",
    ],
  },
  {
    file: "src/engine/probe.ts",
    allowed: [
      "./manager.ts",
      "../domain/job.ts",
      "../ports/store.ts",
      "croner",
      "zod",
      "uuid",
      "@standard-schema/spec",
    ],
    forbidden: [
      "fastify",
      "../stores/sqlite/index.ts",
      "../files/directory.ts",
      "../sources/csv.ts",
      "../jobs/ticker.ts",
    ],
  },
  {
    file: "src/stores/sqlite/probe.ts",
    allowed: [
      "./rows.ts",
      "../sql/rows.ts",
      "../../domain/job.ts",
      "../../ports/store.ts",
      "node:sqlite",
      "node:worker_threads",
    ],
    forbidden: [
      "../../engine/manager.ts",
      "../postgres/index.ts",
      "pg",
      "fastify",
      "../../index.ts",
      "../../files/directory.ts",
    ],
  },
  {
    file: "src/stores/postgres/probe.ts",
    allowed: ["./rows.ts", "../sql/rows.ts", "../../domain/job.ts", "../../ports/store.ts", "pg", "node:crypto"],
    forbidden: [
      "../../engine/manager.ts",
      "../sqlite/index.ts",
      "fastify",
      "../../index.ts",
      "../../files/directory.ts",
    ],
  },
  {
    file: "src/files/probe.ts",
    allowed: ["../domain/errors.ts", "../ports/file-store.ts", "node:fs/promises"],
    forbidden: ["../engine/manager.ts", "../stores/sqlite/index.ts", "fastify"],
  },
  {
    file: "src/isolation/probe.ts",
    allowed: [
      "./protocol.ts",
      "../engine/run-attempt.ts",
      "../domain/errors.ts",
      "../ports/isolation.ts",
      "node:child_process",
    ],
    forbidden: ["../stores/sqlite/index.ts", "../files/index.ts", "../index.ts", "../http/app.ts", "fastify", "zod"],
  },
  {
    file: "src/sources/probe.ts",
    allowed: ["./csv-parser.ts", "../domain/job.ts", "../ports/record-source.ts"],
    forbidden: ["../engine/manager.ts", "../files/directory.ts", "csv-parse/sync", "node:fs"],
  },
  {
    file: "src/api/probe.ts",
    allowed: ["../domain/job.ts", "zod"],
    forbidden: ["../ports/store.ts", "../engine/manager.ts", "../http/app.ts", "fastify", "node:fs"],
  },
  {
    file: "src/client/probe.ts",
    allowed: ["./send.ts", "../api/operation.ts", "../domain/job.ts"],
    forbidden: [
      "../ports/clock.ts",
      "../engine/manager.ts",
      "../http/app.ts",
      "../index.ts",
      "../stores/sqlite/index.ts",
      "zod",
      "node:buffer",
    ],
  },
  {
    file: "src/api/compat/probe.ts",
    allowed: ["../operation.ts", "../../domain/job.ts", "zod"],
    forbidden: ["../../ports/store.ts", "../../index.ts", "../../http/app.ts", "fastify", "node:fs"],
  },
  {
    file: "src/http/compat/probe.ts",
    allowed: ["../serve.ts", "../access/scope.ts", "../../api/compat/probe.ts", "../../engine/manager.ts", "fastify"],
    forbidden: ["../../stores/sqlite/index.ts", "../../jobs/ticker.ts", "../../index.ts"],
  },
  {
    file: "src/http/probe.ts",
    allowed: [
      "./app.ts",
      "./routes/jobs.ts",
      "../api/routes.ts",
      "../engine/manager.ts",
      "../ports/logger.ts",
      "fastify",
      "@prometheus-io/client",
    ],
    forbidden: [
      "../stores/sqlite/index.ts",
      "../jobs/csv-import.ts",
      "../cli/main.ts",
      "../files/directory.ts",
      "../index.ts",
    ],
  },
  {
    file: "src/http/routes/probe.ts",
    allowed: ["../app.ts", "./jobs.ts", "../../api/routes.ts", "../../engine/manager.ts", "@fastify/multipart"],
    forbidden: [
      "../../stores/sqlite/index.ts",
      "../../jobs/csv-import.ts",
      "../../index.ts",
      "../../files/directory.ts",
    ],
  },
  {
    file: "src/jobs/probe.ts",
    allowed: ["../index.ts", "./data/data-store.ts", "zod", "hyparquet-writer"],
    forbidden: [
      "../engine/manager.ts",
      "../domain/job.ts",
      "../ports/store.ts",
      "../stores/sqlite/index.ts",
      "node:sqlite",
      "pg",
      "fastify",
    ],
  },
  {
    file: "src/jobs/data/probe.ts",
    allowed: ["../../index.ts", "../import-plan.ts", "../../ports/datasets.ts", "../../ports/teams.ts"],
    forbidden: ["../../ports/store.ts", "../../domain/job.ts", "../../engine/manager.ts", "fastify"],
  },
  {
    file: "src/jobs/data/postgres/probe.ts",
    allowed: [
      "../row-ids.ts",
      "../../import-plan.ts",
      "../../../index.ts",
      "../../../stores/sqlite/index.ts",
      "../../../stores/postgres/index.ts",
      "../../../ports/datasets.ts",
      "zod",
      "pg",
      "node:sqlite",
    ],
    forbidden: [
      "../../../engine/manager.ts",
      "../../../domain/job.ts",
      "../../../ports/store.ts",
      "../../../stores/postgres/failures.ts",
      "../../../stores/sqlite/queries/reads.ts",
      "fastify",
    ],
  },
  {
    file: "src/testing/probe.ts",
    allowed: [
      "../engine/manager.ts",
      "../stores/sqlite/index.ts",
      "../files/index.ts",
      "../ports/store.ts",
      "../domain/job.ts",
      "node:test",
    ],
    forbidden: ["../http/app.ts", "../cli/main.ts", "../jobs/ticker.ts", "fastify"],
  },
  {
    file: "src/index.ts",
    allowed: ["./engine/manager.ts", "./ports/store.ts", "./domain/job.ts", "./sources/csv.ts"],
    forbidden: ["./stores/sqlite/index.ts", "./http/index.ts", "./jobs/ticker.ts", "./cli/main.ts"],
  },
  {
    file: "src/cli/probe.ts",
    allowed: [
      "../engine/manager.ts",
      "../stores/sqlite/index.ts",
      "../http/index.ts",
      "../jobs/ticker.ts",
      "commander",
    ],
    forbidden: [],
  },
  {
    file: "ui/data/probe.ts",
    allowed: [
      "./server.ts",
      "../parts/button.tsx",
      "../../src/client/index.ts",
      "../../src/domain/lifecycle.ts",
      "../../src/domain/limits.ts",
      "react",
      "@tanstack/react-query",
    ],
    forbidden: [
      "../../src/client/send.ts",
      "../../src/api/operations.ts",
      "../../src/jobs/ticker.ts",
      "../../src/index.ts",
      "../../src/http/index.ts",
      "node:path",
    ],
  },
  {
    file: "ui/pages/job/probe.tsx",
    allowed: [
      "../../parts/button.tsx",
      "../../../src/client/index.ts",
      "../../../src/domain/lifecycle.ts",
      "../../../src/jobs/cell-types.ts",
      "react",
    ],
    forbidden: ["../../../src/client/send.ts", "../../../src/engine/manager.ts", "node:fs"],
  },
];

/** Code that reaches for time or the environment by itself, and whether a file may. */
const GLOBALS = [
  "Date.now();",
  "setTimeout(run, 1);",
  "setInterval(run, 1);",
  "performance.now();",
  "process.env.HOME;",
];

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

let tree = "";

before(async () => {
  tree = await mkdtemp(path.join(tmpdir(), "pawl-import-table-"));
  await cp(path.join(root, "biome.json"), path.join(tree, "biome.json"));
  await cp(path.join(root, "package.json"), path.join(tree, "package.json"));
});

after(() => rm(tree, { recursive: true, force: true }));

test("biome refuses every import that the table forbids, and no other", async () => {
  for (const rule of RULES) {
    await put(
      rule.file,
      [...rule.allowed, ...rule.forbidden].map((target) => `import "${target}";`),
    );
  }
  const found = await lint(["lint/style/noRestrictedImports"]);
  for (const rule of RULES) {
    const refused = new Set(found.filter((at) => at.file === rule.file).map((at) => at.line));
    const targets = [...rule.allowed, ...rule.forbidden];
    assert.deepEqual(
      targets.filter((_, index) => refused.has(index + 1)),
      rule.forbidden,
      `imports refused in ${rule.file}`,
    );
  }
});

test("biome refuses an import cycle", async () => {
  await put("src/engine/cycle-one.ts", [`import "./cycle-two.ts";`]);
  await put("src/engine/cycle-two.ts", [`import "./cycle-one.ts";`]);
  const found = await lint(["lint/suspicious/noImportCycles"]);
  assert.deepEqual(found.map((at) => at.file).sort(), ["src/engine/cycle-one.ts", "src/engine/cycle-two.ts"]);
});

test("biome refuses time, timers and the environment outside of the clock and the configuration", async () => {
  const files = [
    "src/engine/globals.ts",
    "src/engine/system-clock.ts",
    "src/client/client-clock.ts",
    "src/cli/config.ts",
    "src/engine/globals.test.ts",
  ];
  for (const file of files) await put(file, GLOBALS);
  const found = await lint([
    "lint/style/noRestrictedGlobals",
    "lint/style/noProcessEnv",
    "lint/nursery/noJsRestrictedProperties",
  ]);
  const refused = (file: string) =>
    GLOBALS.filter((_, index) => found.some((at) => at.file === file && at.line === index + 1));
  assert.deepEqual(refused("src/engine/globals.ts"), GLOBALS);
  assert.deepEqual(refused("src/engine/system-clock.ts"), ["process.env.HOME;"]);
  assert.deepEqual(refused("src/client/client-clock.ts"), ["process.env.HOME;"]);
  assert.deepEqual(refused("src/cli/config.ts"), ["setTimeout(run, 1);", "setInterval(run, 1);", "performance.now();"]);
  assert.deepEqual(refused("src/engine/globals.test.ts"), []);
});

test("biome refuses a promise that nobody awaits", async () => {
  await put("src/engine/floating.ts", ["async function work(): Promise<void> {}", "work();", "await work();"]);
  assert.deepEqual(await lint(["lint/nursery/noFloatingPromises"]), [{ file: "src/engine/floating.ts", line: 2 }]);
});

async function put(file: string, lines: readonly string[]): Promise<void> {
  const target = path.join(tree, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, `${lines.join("\n")}\n`);
}

/** Lints the tree as the project is linted, and answers where the given rules complained. */
async function lint(rules: readonly string[]): Promise<{ file: string; line: number }[]> {
  const biome = path.join(root, "node_modules/@biomejs/biome/bin/biome");
  const report = await new Promise<string>((resolve) => {
    const args = [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."];
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 16e6 }, (_error, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(report) as { diagnostics: readonly Diagnostic[] };
  return diagnostics
    .filter((found) => rules.includes(found.category))
    .map((found) => ({
      file: path.relative(tree, path.resolve(tree, found.location.path)),
      line: found.location.start.line,
    }));
}
