import { test } from "node:test";
import { exportUnderKills } from "../support/kill-scenarios.ts";
import { randomFor } from "../support/random.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("an export of 1,000,000 rows is the same byte by byte after 10 kills at random moments", async (t) => {
  const hits = await exportUnderKills({
    folder: await tempFolder(t),
    random: randomFor(t),
    kills: 10,
    rows: 1_000_000,
  });
  t.diagnostic(`kills that ended an attempt: ${JSON.stringify(hits)}`);
});

test("an export of 300,000 rows as Parquet is the same byte by byte after 10 kills at random moments", async (t) => {
  const hits = await exportUnderKills({
    folder: await tempFolder(t),
    random: randomFor(t),
    kills: 10,
    rows: 300_000,
    format: "parquet",
  });
  t.diagnostic(`kills that ended an attempt: ${JSON.stringify(hits)}`);
});
