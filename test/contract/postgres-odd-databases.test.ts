// Databases and roles that are set up in other ways than most: what is refused at once, and what is kept all the same.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { PawlError, systemClock } from "../../src/index.ts";
import { createPostgresStore } from "../../src/stores/postgres/index.ts";
import { newJob } from "../../src/testing/contract/store-driver.ts";
import { testPostgres } from "../support/postgres.ts";

const postgres = await testPostgres();
const QUIET = { clock: systemClock, listen: false, leaseThread: false } as const;

/** A store in the schema of this file, through sessions of which the server is told `setting`. */
async function openWith(t: TestContext, setting: string) {
  const url = new URL(postgres.url);
  url.searchParams.set("options", `-c ${setting}`);
  const store = await createPostgresStore({ url: url.href, schema: postgres.schema, connections: 4, ...QUIET });
  t.after(() => store.close());
  return store;
}

test("a database in which not every text fits is refused, with what to do", { skip: postgres.skip }, async (t) => {
  const name = `pawl_latin_${randomBytes(6).toString("hex")}`;
  await postgres.runAlone(`CREATE DATABASE ${name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'`);
  t.after(() => postgres.runAlone(`DROP DATABASE ${name} WITH (FORCE)`));
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  url.searchParams.delete("options");
  await assert.rejects(
    createPostgresStore({ url: url.href, ...QUIET }),
    (error) =>
      error instanceof PawlError &&
      error.code === "store_unavailable" &&
      /encoding is LATIN1.*ENCODING 'UTF8'/.test(error.message),
  );
});

for (const isolation of ["read committed", "repeatable read", "serializable"]) {
  const about = `a queue's limit is kept by two processes at once, where sessions are ${isolation} by default`;
  test(about, { skip: postgres.skip }, async (t) => {
    const setting = `default_transaction_isolation=${isolation.replaceAll(" ", "\\ ")}`;
    const stores = [await openWith(t, setting), await openWith(t, setting)];
    for (let round = 0; round < 3; round += 1) {
      const queue = `${isolation} ${round}`;
      const submits = Array.from({ length: 40 }, (_, index) =>
        stores[index % 2]?.jobs.insert([newJob({ queue, queueLimit: 10 })]),
      );
      const kinds = (await Promise.all(submits)).map((results) => results?.[0]?.kind);
      assert.equal(kinds.filter((kind) => kind === "inserted").length, 10);
      assert.equal(kinds.filter((kind) => kind === "queue_full").length, 30);
    }
  });
}
