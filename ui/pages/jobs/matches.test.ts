import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exampleJob } from "../../state/example-job.ts";
import { matches } from "./matches.ts";

const job = exampleJob({ labels: { team: "sales", path: "a:b", empty: "" } });

describe("a job of the live stream", () => {
  it("belongs to a list without a filter", () => assert.equal(matches(job, {}), true));

  it("belongs to a list that names its state, type and queue", () => {
    assert.equal(matches(job, { state: ["paused", "running"], type: ["csv-import"], queue: ["imports"] }), true);
    assert.equal(matches(job, { state: ["paused"] }), false);
    assert.equal(matches(job, { type: ["csv"] }), false);
    assert.equal(matches(job, { queue: [] }), false);
  });

  it("is found by the beginning of its id or key, and by nothing else of them", () => {
    assert.equal(matches(job, { q: "019bcb2d" }), true);
    assert.equal(matches(job, { q: "cont" }), true);
    assert.equal(matches(job, { q: "tacts" }), false);
    assert.equal(matches(exampleJob({ key: null }), { q: "cont" }), false);
  });

  it("is found by a label, whose value may hold a colon or be empty", () => {
    assert.equal(matches(job, { label: "team:sales" }), true);
    assert.equal(matches(job, { label: "team:sale" }), false);
    assert.equal(matches(job, { label: "path:a:b" }), true);
    assert.equal(matches(job, { label: "empty:" }), true);
    assert.equal(matches(job, { label: "none:" }), false);
  });

  it("has no labels but its own", () => {
    assert.equal(matches(job, { label: "constructor:x" }), false);
    assert.equal(matches(job, { label: `toString:${Object.prototype.toString}` }), false);
    assert.equal(matches(job, { label: "no colon" }), false);
  });
});
