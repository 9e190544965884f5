// `pawl tokens`, in processes of its own: on a folder that nobody serves, and beside a running server.
import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import type { AuditEntry } from "../../src/domain/access.ts";
import { type CommandResult, runPawl } from "../support/pawl-command.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";

const TOKEN = /^pawl_([0-9a-f]{12})_[0-9a-f]{64}\n$/;

interface Folder {
  readonly data: string;
  tokens(verb: "create" | "list" | "revoke", ...args: readonly string[]): Promise<CommandResult>;
  /** Makes a token that has to come into being. */
  create(name: string, ...args: readonly string[]): Promise<{ readonly token: string; readonly id: string }>;
  /** Name and state of each token, newest first. */
  states(): Promise<readonly string[]>;
}

function inFolder(data: string): Folder {
  const tokens: Folder["tokens"] = (verb, ...args) => runPawl(["tokens", verb, "--data", data, ...args]);
  return {
    data,
    tokens,
    async create(name, ...args) {
      const { code, stdout, stderr } = await tokens("create", "--name", name, "--scope", "admin", ...args);
      assert.equal(code, 0, stderr);
      const [, id = ""] = TOKEN.exec(stdout) ?? [];
      return { token: stdout.trimEnd(), id };
    },
    async states() {
      const { stdout, stderr } = await tokens("list", "--json");
      assert.equal(stderr, "");
      const { items }: { readonly items: readonly Record<string, string>[] } = JSON.parse(stdout);
      return items.map(({ name, state }) => `${name} ${state}`);
    },
  };
}

const freshFolder = async (t: TestContext) => inFolder(path.join(await tempFolder(t), "data"));

test("a new token stands alone on stdout, and what explains it on stderr, without its secret", async (t) => {
  const { data, tokens } = await freshFolder(t);
  const { code, stdout, stderr } = await tokens("create", "--name", "ada", "--scope", "operate", "--expires", "30d");
  assert.equal(code, 0);
  const [, id = ""] = TOKEN.exec(stdout) ?? [];
  assert.match(stderr, new RegExp(`^Token ada \\(${id}, operate\\) may look, submit, .* until \\d{4}-`));
  const database = path.join(data, "pawl.db");
  assert.ok(stderr.includes(`It is good for ${database}, which was just made`), stderr);
  assert.match(stderr, /first token/);
  assert.ok(!stderr.includes(stdout.trim().slice(-64)));
  assert.equal((await stat(data)).mode & 0o777, 0o700);
  const second = await tokens("create", "--name", "bob", "--scope", "read");
  assert.ok(second.stderr.includes(`It is good for ${database}.\n`), second.stderr);
  assert.doesNotMatch(second.stderr, /first token|just made/);
});

test("a list shows every token without its secret, and the name of a revoked one can be given again", async (t) => {
  const { tokens, create, states } = await freshFolder(t);
  const first = await create("ada");
  assert.match((await tokens("revoke", "ada")).stdout, /^Revoked token ada \(.*, admin\)\./);
  const second = await create("ada");
  const { stdout } = await tokens("list");
  assert.match(
    stdout,
    new RegExp(
      `^ID +NAME +SCOPE +CREATED +EXPIRES +LAST USED +STATE\n${second.id} +ada +admin +\\d{4}-\\d{2}-\\d{2}T\\S+ +never +never +valid\n${first.id} +ada .* revoked\n$`,
    ),
  );
  for (const { token } of [first, second]) assert.ok(!stdout.includes(token.slice(-64)));
  assert.equal((await tokens("revoke", first.id)).stdout.includes("already revoked"), true);
  assert.deepEqual(await states(), ["ada valid", "ada revoked"]);
  // By its name the valid one is meant, not the older one that had it.
  assert.match((await tokens("revoke", "ada")).stdout, new RegExp(`^Revoked token ada \\(${second.id}`));
});

test("of two creates of one name one succeeds, also when both come at once to an empty folder", async (t) => {
  const { tokens, states } = await freshFolder(t);
  const create = () => tokens("create", "--name", "ada", "--scope", "read");
  const results = await Promise.all([create(), create()]);
  assert.deepEqual(results.map(({ code }) => code).sort(), [0, 4], JSON.stringify(results));
  const refused = results.find(({ code }) => code === 4);
  assert.equal(refused?.stdout, "");
  assert.match(refused?.stderr ?? "", /^pawl: There is a valid token "ada" already\. Revoke it/);
  assert.deepEqual(await states(), ["ada valid"]);
});

test("a token ends when its time is over", async (t) => {
  const { create, states } = await freshFolder(t);
  await create("ada", "--expires", "1s");
  await waitFor(async () => (await states())[0] === "ada expired", { what: "the token to expire" });
});

test("what cannot be done is said, with an exit code, and nothing on stdout", async (t) => {
  const { tokens, create, data } = await freshFolder(t);
  const refused = async (code: number, message: RegExp, verb: Parameters<typeof tokens>[0], ...args: string[]) => {
    const result = await tokens(verb, ...args);
    assert.deepEqual([result.code, result.stdout], [code, ""], result.stderr);
    assert.match(result.stderr, message);
  };
  await refused(3, /^pawl: There is no database .*pawl\.db: .* --data\.\n$/, "list");
  await assert.rejects(stat(data), { code: "ENOENT" });
  await create("ada");
  await Promise.all([
    refused(3, /^pawl: There is no token with the id or name "bob"/, "revoke", "bob"),
    refused(2, /A token's name has 1 to 64 letters/, "create", "--name", "a b", "--scope", "read"),
    refused(2, /Allowed choices are read, operate, admin/, "create", "--name", "bob", "--scope", "root"),
    refused(
      2,
      /--expires must be a duration .* it is "soon"/,
      "create",
      "--name",
      "b",
      "--scope",
      "read",
      "--expires",
      "soon",
    ),
    refused(2, /'--scope <scope>' not specified/, "create", "--name", "bob"),
  ]);
});

test("a data folder that is a file, or the database of another program, is named", async (t) => {
  const file = path.join(await tempFolder(t), "data");
  await writeFile(file, "no database");
  const inFile = await inFolder(file).tokens("create", "--name", "ada", "--scope", "read");
  assert.deepEqual([inFile.code, inFile.stdout], [2, ""]);
  assert.match(inFile.stderr, /^pawl: The data folder .* is no folder\. Choose another one with --data\.\n$/);
  const foreign = await runPawl(["tokens", "list", "--database", file]);
  assert.deepEqual([foreign.code, foreign.stdout], [7, ""]);
  assert.match(foreign.stderr, /^pawl: The database ".*data" cannot be opened/);
});

test("a data folder that this user may not enter is named", async (t) => {
  if (process.getuid?.() === 0) return t.skip("the superuser may enter every folder");
  const { data, tokens, create } = await freshFolder(t);
  await create("ada");
  await chmod(data, 0o000);
  const results = await Promise.all([tokens("list"), tokens("revoke", "ada")]);
  await chmod(data, 0o700);
  for (const { code, stderr } of results) {
    assert.equal(code, 2);
    assert.match(stderr, /^pawl: The data folder .* cannot be read and written by this user\./);
  }
});

describe("beside a running server", () => {
  let server: ServerProcess;
  let folder: Folder;
  let temp: string;

  before(async () => {
    temp = await mkdtemp(path.join(tmpdir(), "pawl-test-"));
    folder = inFolder(path.join(temp, "data"));
    server = await startServer({ dataDir: folder.data });
  });
  after(async () => {
    await server.stop();
    await rm(temp, { recursive: true, force: true });
  });

  const ask = (place: string, token?: string) =>
    fetch(`${server.url}${place}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

  test("a first token is taken at once, and soon nobody gets in without one", async () => {
    assert.equal((await ask("/api/v1/jobs")).status, 200);
    const { token } = await folder.create("dana");
    assert.equal((await ask("/api/v1/jobs", token)).status, 200);
    await waitFor(async () => (await ask("/api/v1/jobs")).status === 401, {
      what: "callers without a token to be refused",
    });
  });

  test("a token that is revoked is refused within seconds, and its entry in the audit says who did it", async () => {
    const admin = await folder.create("admin");
    const { token, id } = await folder.create("bob");
    assert.equal((await ask("/api/v1/jobs", token)).status, 200);
    assert.equal((await folder.tokens("revoke", "bob")).code, 0);
    await waitFor(async () => (await ask("/api/v1/jobs", token)).status === 401, {
      what: "the revoked token to be refused",
    });
    const reply = await ask(`/api/v1/audit?target=${id}`, admin.token);
    const { items } = (await reply.json()) as { readonly items: readonly AuditEntry[] };
    assert.deepEqual(
      items.map(({ seq, at, ...entry }) => entry),
      ["tokens revoke", "tokens create"].map((action) => ({
        actor: `cli:${userInfo().username}`,
        tokenId: null,
        address: null,
        action,
        target: id,
        outcome: "done",
        code: null,
        reason: null,
        count: 1,
      })),
    );
  });

  test("a list shows that a token was used", async () => {
    const { token, id } = await folder.create("carol");
    assert.equal((await ask("/api/v1/jobs", token)).status, 200);
    const used = new RegExp(`^${id} +carol +admin +\\S+ +never +\\d{4}-\\S+Z +valid$`, "m");
    await waitFor(async () => used.test((await folder.tokens("list")).stdout), { what: "the use to be noted" });
  });
});
