// What only a data store in a file promises; ../data-store.test.ts has what either does.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { changeData } from "../../../../test/support/import-writer.ts";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { createSqliteDataStore } from "./data-store.ts";

const shape = { columns: [], dayColumn: null };

test("the file is for its owner only, and a second opening finds what is there", {
  skip: process.platform === "win32",
}, async (t) => {
  const path = join(await tempFolder(t), "data.db");
  const data = createSqliteDataStore({ path });
  await changeData(data, (imports) => imports.begin({ jobId: "job-1", run: 3, dataset: "people", shape, total: 1 }));
  for (const suffix of ["", "-wal"]) assert.equal(statSync(`${path}${suffix}`).mode & 0o777, 0o600);
  await data.close();
  const again = createSqliteDataStore({ path });
  t.after(() => again.close());
  assert.equal((await again.imports.find("job-1"))?.run, 3);
});

test("a file of a newer version is refused", async (t) => {
  const path = join(await tempFolder(t), "data.db");
  await createSqliteDataStore({ path }).close();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  assert.throws(() => createSqliteDataStore({ path }), /newer version/);
});
