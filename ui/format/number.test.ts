import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytes, count, plural, rate } from "./number.ts";

describe("numbers", () => {
  it("stand in groups of three digits", () => {
    assert.equal(count(0), "0");
    assert.equal(count(999), "999");
    assert.equal(count(41_200), "41,200");
    assert.equal(count(1_000_000_000), "1,000,000,000");
  });

  it("have two digits as a rate below 10, and none after the point above", () => {
    assert.equal(rate(0.0412), "0.041");
    assert.equal(rate(0.963), "0.96");
    assert.equal(rate(1.41), "1.4");
    assert.equal(rate(10.4), "10");
    assert.equal(rate(2_310.4), "2,310");
  });

  it("are bytes in the largest unit that leaves 1 or more", () => {
    assert.equal(bytes(-1), "0 B");
    assert.equal(bytes(0), "0 B");
    assert.equal(bytes(1_023), "1,023 B");
    assert.equal(bytes(1_024), "1 KiB");
    assert.equal(bytes(1_536), "1.5 KiB");
    assert.equal(bytes(5 * 1024 ** 3), "5 GiB");
    assert.equal(bytes(3 * 1024 ** 5), "3,070 TiB");
  });

  it("go with a noun in the right number", () => {
    assert.equal(plural(1, "job"), "1 job");
    assert.equal(plural(0, "job"), "0 jobs");
    assert.equal(plural(1_200, "job waits", "jobs wait"), "1,200 jobs wait");
  });
});
