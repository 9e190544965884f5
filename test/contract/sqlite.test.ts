// The store contract on SQLite, in memory and on disk.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { storeContract } from "../../src/testing/store-contract.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

storeContract("SQLite in memory", async () => {
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: ":memory:", clock });
  return { store, advance: clock.advance, dispose: () => store.close() };
});

storeContract("SQLite on disk", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pawl-contract-"));
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock });
  return {
    store,
    advance: clock.advance,
    async dispose() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
