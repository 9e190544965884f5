import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settled } from "./settled.ts";

describe("a short list", () => {
  it("begins as it was read", () => assert.deepEqual(settled([], ["c", "b", "a"], 8), ["c", "b", "a"]));

  it("keeps each row in its place, and gives the place of one that is over to a new one", () => {
    assert.deepEqual(settled(["a", "b", "c"], ["d", "c", "a"], 3), ["a", "d", "c"]);
    assert.deepEqual(settled(["a", "b"], ["c", "b", "a"], 3), ["a", "b", "c"]);
  });

  it("closes up where there is nothing new", () => assert.deepEqual(settled(["a", "b", "c"], ["c"], 3), ["c"]));

  it("never shows a row twice, or more rows than it has room for", () => {
    assert.deepEqual(settled(["a", "b"], ["d", "c", "b", "a"], 3), ["a", "b", "d"]);
  });
});
