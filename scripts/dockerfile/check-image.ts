// What a container of the image has to do, looked at one after the other: first with SQLite in its volume, then as a server
// and a worker over PostgreSQL. Every line that is printed was seen; the first thing that is otherwise throws.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { SETTINGS } from "../../src/cli/settings.ts";
import { startPostgresServer } from "../../test/support/postgres-server.ts";
import { type Container, type ContainerOptions, type Image, startContainer } from "./container.ts";

/** What compose.yaml and the manifests give at least, beyond the time that jobs have. */
const MARGIN_MS = 15_000;
const API = "http://127.0.0.1:8080/api/v1";
const PATIENCE_MS = 60_000;
const TICKER = { type: "ticker", input: { times: 100_000, intervalMs: 50 } };
const shownJob = z.object({ progress: z.object({ done: z.number() }) });

export interface CheckOptions {
  readonly image: Image;
  /** For volumes. */
  readonly folder: string;
}

/** In a network namespace of its own, so that nothing else has its port and nobody can reach it. */
export async function checkImage({ image, folder }: CheckOptions): Promise<void> {
  const place = mkdtempSync(path.join(folder, "run-"));
  let started = 0;
  const start: Start = (options) =>
    startContainer({ image, volume: null, jail: path.join(place, `jail-${started++}`), ...options });
  checkContents(image);
  await checkFolder(start, image, path.join(place, "volume"));
  await checkPostgres(start);
}

type Start = (options: Partial<ContainerOptions>) => Promise<Container>;

const tell = (what: string) => console.log(`  seen: ${what}`);

function checkContents({ mount, config }: Image): void {
  const lock: { readonly packages: Readonly<Record<string, { readonly dev?: boolean }>> } = JSON.parse(
    readFileSync("package-lock.json", "utf8"),
  );
  const tools = Object.keys(lock.packages).filter((name) => lock.packages[name]?.dev === true);
  const left = tools.filter((name) => existsSync(path.join(mount, config.workdir, name)));
  assert.deepEqual(left, []);
  tell(`none of the ${tools.length} packages for development is in the image`);
  assert.deepEqual(readdirSync(path.join(mount, config.workdir)).toSorted(), [
    "LICENSE",
    "bin",
    "dist",
    "node_modules",
    "package.json",
  ]);
  tell("no sources, no tests and nothing of the working folder either");
}

async function checkFolder(start: Start, image: Image, volume: string): Promise<void> {
  const refused = await start({ volume });
  assert.notEqual(await refused.ended(), 0);
  assert.match(refused.output(), /\n {2}pawl tokens create --name admin --scope admin/);
  tell("on an empty volume it refuses to serve strangers, and names the command that makes a token");

  const token = await makeToken(start, { volume });
  tell("that command makes one");

  const nobody = await start({ volume, words: image.config.healthcheck });
  assert.equal(await nobody.ended(), 1);
  tell("HEALTHCHECK says no where nothing serves");

  const server = await start({ volume });
  await healthy(server, image);
  tell("HEALTHCHECK says yes as soon as it serves");
  checkProcess(server, image);
  checkWrites(server, image);

  assert.equal((await fetch(`${API}/jobs`)).status, 401);
  const id = await submit(token);
  const before = await ticksBeyond(id, token, 3);
  await stops(server, "in the middle of a job");

  const second = await start({ volume });
  await healthy(second, image);
  assert.ok((await ticksOf(id, token)) >= before);
  const after = await ticksBeyond(id, token, before);
  tell(`the next container on the volume knows the token, and goes on with the job: ${before} ticks, then ${after}`);
  await stops(second, "again");
}

async function checkPostgres(start: Start): Promise<void> {
  const postgres = await startPostgresServer();
  try {
    const env = { PAWL_DATABASE: postgres.url };
    // Both at once: whoever comes first migrates.
    const worker = await start({ command: ["work"], env });
    const token = await makeToken(start, { env });
    const server = await start({ env: { ...env, PAWL_WORK: "off" } });
    await until(
      "the server over PostgreSQL is ready",
      async () => (await fetch(API.replace("/api/v1", "/readyz"))).ok,
      server,
    );
    const id = await submit(token);
    await ticksBeyond(id, token, 3);
    tell(
      "over PostgreSQL, a server that runs no jobs and a worker without HTTP: the job runs, and nothing needs the volume",
    );
    await stops(worker, "the worker");
    await stops(server, "the server");
  } finally {
    await postgres.stop();
  }
}

async function makeToken(start: Start, options: Partial<ContainerOptions>): Promise<string> {
  const made = await start({ ...options, command: ["tokens", "create", "--name", "admin", "--scope", "admin"] });
  const code = await made.ended();
  assert.equal(code, 0, made.output());
  return /^(pawl\S+)$/m.exec(made.output())?.[1] ?? assert.fail(made.output());
}

async function healthy(server: Container, { config }: Image): Promise<void> {
  await until("HEALTHCHECK says yes", async () => server.exec(config.healthcheck).code === 0, server);
}

function checkProcess({ pid }: Container, { config }: Image): void {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1] ?? "";
  assert.match(field("NSpid"), /\s1$/);
  assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /^node\0/);
  const [user] = config.user.split(":");
  assert.deepEqual(field("Uid").split("\t"), [user, user, user, user]);
  assert.match(field("CapEff"), /^0+$/);
  tell(`process 1 is Node itself, as user ${user}, without any capability`);
}

function checkWrites(server: Container, { config }: Image): void {
  const [data = ""] = config.volumes;
  for (const folder of [config.workdir, "/", "/usr/local/bin", "/etc", "/home/node"]) {
    const { code, output } = server.exec(["touch", path.posix.join(folder, "probe")]);
    assert.notEqual(code, 0, folder);
    assert.match(output, /Read-only file system|Permission denied/);
  }
  assert.equal(server.exec(["touch", `${data}/probe`]).code, 0);
  assert.equal(server.exec(["stat", "--format=%a %u", data]).output, "700 1000\n");
  tell(`it serves without writing anywhere but to ${data}, which is its own and nobody else's, and /tmp`);
}

async function stops(container: Container, which: string): Promise<void> {
  const { code, ms } = await container.stop();
  assert.equal(code, 0, container.output());
  assert.ok(ms < Number(SETTINGS.drainMs.text) + MARGIN_MS, `${ms} ms`);
  tell(`SIGTERM ends it (${which}) with exit code 0 after ${ms} ms`);
}

async function submit(token: string): Promise<string> {
  const reply = await fetch(`${API}/jobs`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(TICKER),
  });
  assert.equal(reply.status, 201, await reply.clone().text());
  return z.object({ id: z.string() }).parse(await reply.json()).id;
}

async function ticksBeyond(id: string, token: string, ticks: number): Promise<number> {
  await until(`the job ticks beyond ${ticks}`, async () => (await ticksOf(id, token)) > ticks);
  return ticksOf(id, token);
}

async function ticksOf(id: string, token: string): Promise<number> {
  const reply = await fetch(`${API}/jobs/${id}`, { headers: { authorization: `Bearer ${token}` } });
  return shownJob.parse(await reply.json()).progress.done;
}

async function until(what: string, isSo: () => Promise<boolean>, container?: Container): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error(`Not so within a minute: ${what}\n${container?.output() ?? ""}`);
    await pause(100);
  }
}
