import { importUnderKills, rollbackUnderKills } from "../support/kill-scenarios.ts";
import { randomFor } from "../support/random.ts";
import { testOnEach } from "./on-each-database.ts";

testOnEach(
  "an import of 100,000 rows ends with each row exactly once, in order, after 10 kills at random moments",
  async (database, t) => {
    const hits = await importUnderKills({ ...database, random: randomFor(t), kills: 10, rows: 100_000 });
    t.diagnostic(`kills that ended an attempt: ${JSON.stringify(hits)}`);
  },
);

testOnEach(
  "a cancelled import leaves none of its rows and all rows of the others, after 10 kills at random moments",
  async (database, t) => {
    const hits = await rollbackUnderKills({ ...database, random: randomFor(t), kills: 10, rows: 100_000 });
    t.diagnostic(`kills that ended an attempt: ${JSON.stringify(hits)}`);
  },
);
