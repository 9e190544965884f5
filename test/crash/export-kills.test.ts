import { exportUnderKills } from "../support/kill-scenarios.ts";
import { randomFor } from "../support/random.ts";
import { testOnEach } from "./on-each-database.ts";

/** As many as are imported in a few seconds. */
const ROWS = { SQLite: 1_000_000, PostgreSQL: 200_000 } as const;

testOnEach("a large export is the same byte by byte after 10 kills at random moments", async (database, t) => {
  const rows = ROWS[database.name];
  const hits = await exportUnderKills({ ...database, random: randomFor(t), kills: 10, rows });
  t.diagnostic(`${rows} rows, kills that ended an attempt: ${JSON.stringify(hits)}`);
});

testOnEach(
  "a large export as Parquet is the same byte by byte after 10 kills at random moments",
  async (database, t) => {
    const rows = Math.min(300_000, ROWS[database.name]);
    const scenario = { ...database, random: randomFor(t), kills: 10, rows };
    const hits = await exportUnderKills({ ...scenario, format: "parquet" });
    t.diagnostic(`${rows} rows, kills that ended an attempt: ${JSON.stringify(hits)}`);
  },
);
