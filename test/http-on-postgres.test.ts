// The HTTP suite once more, with PostgreSQL: every file of test/http, in this process, and each manager in a schema of its own.
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { describe, test } from "node:test";
import { testPostgres } from "./support/postgres.ts";

process.env.PAWL_TEST_STORE = "postgres";
const { skip } = await testPostgres();

if (skip !== false) test("the HTTP suite on PostgreSQL", { skip }, () => {});
else {
  describe("HTTP on PostgreSQL", async () => {
    const files = globSync("http/**/*.test.ts", { cwd: import.meta.dirname });
    assert.notEqual(files.length, 0);
    // A file after the other: they share the hooks of this suite.
    for (const file of files.sort()) await import(`./${file}`);
  });
}
