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
  const data = path.resolve("pawl-data");
  assert.equal(whereFlags({ data, database: path.join(data, "pawl.db") }), "");
  assert.equal(whereFlags({ data: "/srv/pawl", database: "/srv/pawl/pawl.db" }), " --data /srv/pawl");
  assert.equal(
    whereFlags({ data: "/srv/Ann's jobs", database: "/srv/x.db" }),
    " --data '/srv/Ann'\\''s jobs' --database /srv/x.db",
  );
});
