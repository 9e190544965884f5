import assert from "node:assert/strict";
import { randomFor } from "../support/random.ts";
import { teamsUnderKills } from "../support/team-kills.ts";
import { testOnEach } from "./on-each-database.ts";

testOnEach(
  "10,000 teams: cancelled at a random moment, killed 6 times, paused in the middle of the undo: none is left",
  async (database, t) => {
    const hits = await teamsUnderKills({ ...database, random: randomFor(t), kills: 6, rows: 10_000 });
    t.diagnostic(`kills that ended an attempt: ${JSON.stringify(hits)}`);
    assert.ok(hits.rollback > 0, "no kill hit the rollback: the test says nothing");
  },
);
