import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exampleJob } from "../state/example-job.ts";
import { createNewestJobs, moment } from "./newest-jobs.ts";

const pausing = (id: string) => exampleJob({ id, state: "pausing" });
const paused = (id: string) => exampleJob({ id, state: "paused" });

function cache(shown: readonly string[] = []) {
  const heard: string[] = [];
  const jobs = createNewestJobs({ isShown: (id) => shown.includes(id), onChange: (id) => heard.push(id) });
  return { jobs, heard };
}

/** So that moments differ. */
function later(): void {
  for (const from = moment(); moment() <= from; );
}

describe("the newest summary of a job", () => {
  it("is what was told last", () => {
    const { jobs, heard } = cache();
    jobs.put([pausing("a")]);
    jobs.put([paused("a")]);
    assert.equal(jobs.get("a")?.state, "paused");
    assert.equal(jobs.get("never seen"), undefined);
    assert.deepEqual(heard, ["a", "a"]);
  });

  it("is not taken back by an answer that was asked for before the stream told of it", () => {
    const { jobs, heard } = cache();
    const askedAt = moment();
    later();
    jobs.put([paused("a")]);
    jobs.put([pausing("a"), pausing("b")], askedAt);
    assert.equal(jobs.get("a")?.state, "paused");
    assert.equal(jobs.get("b")?.state, "pausing");
    assert.deepEqual(heard, ["a", "b"]);
  });

  it("is what an answer says that was asked for after", () => {
    const { jobs } = cache();
    jobs.put([pausing("a")]);
    later();
    jobs.put([paused("a")], moment());
    assert.equal(jobs.get("a")?.state, "paused");
  });

  it("is gone when the job was deleted, whatever an older answer says", () => {
    const { jobs } = cache();
    jobs.put([paused("a")]);
    const askedAt = moment();
    later();
    jobs.drop(["a", "never seen"]);
    jobs.put([paused("a")], askedAt);
    assert.equal(jobs.get("a"), null);
    assert.equal(jobs.get("never seen"), undefined);
  });

  it("is forgotten of those seen the longest ago, when there are very many, unless somebody shows them", () => {
    const { jobs } = cache(["0"]);
    jobs.put(Array.from({ length: 20_010 }, (_, at) => paused(String(at))));
    assert.equal(jobs.get("0")?.state, "paused");
    assert.equal(jobs.get("1"), undefined);
    assert.equal(jobs.get("20009")?.state, "paused");
  });
});
