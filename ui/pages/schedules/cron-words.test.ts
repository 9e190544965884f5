import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cronWords } from "./cron-words.ts";

describe("a cron expression", () => {
  it("is told in words, with 24 hours", () => {
    assert.match(cronWords("30 2 * * 1-5"), /02:30.*Monday through Friday/);
    assert.match(cronWords("0 17 * * *"), /17:00/);
  });

  it("may begin with seconds", () => assert.match(cronWords("*/10 * * * * *"), /10 seconds/));

  it("stands for itself where there are no words for it", () => {
    for (const cron of ["", "every day", "61 * * * *", "* * *", "<script>"]) assert.equal(cronWords(cron), cron);
  });
});
