import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { programName, whereFlags } from "../../src/cli/invocation.ts";

test("messages call the program as it was called", () => {
  assert.equal(programName("/usr/local/bin/pawl"), "pawl");
  assert.equal(programName(path.resolve("bin/pawl.js")), "node bin/pawl.js");
  assert.equal(programName(path.resolve("src/cli/main.ts")), "npx node src/cli/main.ts");
  const elsewhere = "/srv/a checkout/src/cli/main.ts";
  assert.equal(
    programName(elsewhere),
    `${process.execPath} '${elsewhere}'`,
    "npx finds the checkout's Node inside only",
  );
});

test("a command that messages name leads to the same data folder, from any shell", () => {
  const folder = path.resolve("pawl-data");
  const flags = (data: string, file: string) =>
    whereFlags({ data, database: { kind: "sqlite", path: file }, schema: "pawl" });
  assert.equal(flags(folder, path.join(folder, "pawl.db")), "");
  assert.equal(flags("/srv/pawl", "/srv/pawl/pawl.db"), " --data /srv/pawl");
  assert.equal(flags("/srv/Ann's jobs", "/srv/x.db"), " --data '/srv/Ann'\\''s jobs' --database /srv/x.db");
});

test("a command that messages name leads to the same PostgreSQL database, and shows no password", () => {
  const flags = (url: string, schema = "pawl") =>
    whereFlags({ data: "/srv/pawl", database: { kind: "postgres", url }, schema });
  assert.equal(flags("postgres://db.internal/jobs"), " --database postgres://db.internal/jobs");
  assert.equal(flags("postgres://ann:s/e@cret@db/jobs", "mine"), " --database 'postgres://***@db/jobs' --schema mine");
  assert.equal(
    flags("postgres://db/jobs?user=ann&password=secret&ssl=true"),
    " --database 'postgres://db/jobs?user=ann&password=***&ssl=true'",
  );
});
