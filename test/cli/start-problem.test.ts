import assert from "node:assert/strict";
import { test } from "node:test";
import { explainDataStore, explainFolder, explainPort } from "../../src/cli/start-problem.ts";
import { PawlError } from "../../src/domain/errors.ts";

const systemError = (code: string) => Object.assign(new Error(code), { code });

function explained(error: unknown): string {
  assert.ok(error instanceof PawlError);
  return `${error.code}: ${error.message}`;
}

test("each reason why the data folder cannot be used is told with the way out", () => {
  const told = (code: string) => explained(explainFolder(systemError(code), "/srv/pawl"));
  assert.match(
    told("EACCES"),
    /^invalid_config: The data folder \/srv\/pawl cannot be read and written by this user\./,
  );
  assert.match(told("EROFS"), /^invalid_config: .* read-only disk\. Choose another folder with --data\.$/);
  assert.match(told("ENOTDIR"), /^invalid_config: .* is no folder\./);
  assert.match(told("ENOSPC"), /^storage_full: There is no space left to write the data folder \/srv\/pawl\./);
});

test("each reason why the port cannot be listened on is told with the way out", () => {
  const told = (code: string) => explained(explainPort(systemError(code), { host: "127.0.0.1", port: 80 }));
  assert.match(told("EADDRINUSE"), /^invalid_config: Port 80 on 127\.0\.0\.1 is in use .* --port 0 /);
  assert.match(told("EACCES"), /^invalid_config: Port 80 needs more rights .* above 1023/);
  assert.match(told("EADDRNOTAVAIL"), /^invalid_config: The address 127\.0\.0\.1 does not belong to this machine\./);
});

test("a data store that cannot be opened is named, with the way out", () => {
  const told = (error: Error) => explained(explainDataStore(error, "/srv/pawl/data.db"));
  const full = Object.assign(new Error("database or disk is full"), { errcode: 13 });
  assert.match(told(full), /^storage_full: There is no space left to write the data store \/srv\/pawl\/data\.db\./);
  assert.match(
    told(new Error("file is not a database")),
    /^store_unavailable: .*: file is not a database\. Restore it/,
  );
});

test("an error of another kind stays what it is", () => {
  const error = new Error("else");
  assert.equal(explainFolder(error, "/srv/pawl"), error);
  assert.equal(explainPort(error, { host: "127.0.0.1", port: 80 }), error);
});
