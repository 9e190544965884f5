// The store contract on PostgreSQL.
import { after, describe, it } from "node:test";
import { storeContract } from "../../src/testing/store-contract.ts";
import { testPostgres } from "../support/postgres.ts";
import { createStoppedStores } from "../support/postgres-store.ts";

const postgres = await testPostgres();

if (postgres.skip !== false) {
  describe("PostgreSQL", () => void it("passes the store contract", { skip: postgres.skip }, () => {}));
} else {
  const stores = createStoppedStores(postgres);
  after(() => stores.close());
  // With as few connections as it ever gets.
  storeContract("PostgreSQL", () => stores.open({ connections: 2 }));
}
