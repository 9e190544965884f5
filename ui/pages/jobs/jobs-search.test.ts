import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  filterOf,
  filterSearch,
  jobsSearch,
  LABEL_LENGTH,
  SELECTED_IN_ADDRESS,
  selectedIds,
  statesOf,
} from "./jobs-search.ts";

const id = (number: number) => `019bcb2d-0000-7000-8000-${String(number).padStart(12, "0")}`;

describe("the address of the list", () => {
  it("keeps what a person chose", () => {
    const search = {
      state: "running,paused",
      type: "csv-import",
      queue: "imports",
      label: "team:sales",
      q: "con",
      order: "oldest",
      selected: `${id(1)},${id(2)}`,
      at: id(1),
    };
    assert.deepEqual(jobsSearch(search), search);
  });

  it("leaves out states that are none, and puts the others in order", () => {
    assert.deepEqual(jobsSearch({ state: "paused,sleeping,,running,paused" }), { state: "running,paused" });
    assert.deepEqual(jobsSearch({ state: "sleeping" }), {});
    assert.deepEqual(statesOf({ state: "succeeded,queued" }), ["queued", "succeeded"]);
  });

  it("reads a name that looks like a number as a name", () => {
    assert.deepEqual(jobsSearch({ q: 7, type: 2026, queue: 0 }), { q: "7", type: "2026", queue: "0" });
  });

  it("leaves out empty names", () => {
    assert.deepEqual(jobsSearch({ type: " , ,", queue: "", q: "   ", label: "\n" }), {});
  });

  it("does not take objects, arrays, booleans or what is inherited", () => {
    assert.deepEqual(jobsSearch({ q: { a: 1 }, type: ["x"], queue: true, label: null, state: undefined }), {});
    assert.deepEqual(jobsSearch(Object.create({ q: "inherited" })), {});
  });

  it("takes no longer texts than the server", () => {
    assert.equal(jobsSearch({ q: "x".repeat(5_000) }).q?.length, 200);
    assert.equal(jobsSearch({ label: `a:${"x".repeat(5_000)}` }).label?.length, LABEL_LENGTH);
  });

  it("takes only ids as selected, each once and not too many", () => {
    assert.deepEqual(selectedIds(`${id(1)},../../etc,${id(1)},<b>`), [id(1)]);
    assert.equal(selectedIds(Array.from({ length: 500 }, (_, at) => id(at)).join(",")).length, SELECTED_IN_ADDRESS);
    assert.equal(jobsSearch({ selected: "all" }).selected, "all");
    assert.equal(jobsSearch({ at: "javascript:alert(1)" }).at, undefined);
    assert.equal(jobsSearch({ at: "first" }).at, "first");
  });

  it("is the same after it was read twice, whatever it says", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("state", "type", "queue", "label", "q", "order", "selected", "at"),
          fc.anything(),
        ),
        (search) => {
          const once = jobsSearch(search);
          assert.deepEqual(jobsSearch({ ...once }), once);
        },
      ),
    );
  });
});

describe("the filter", () => {
  it("is what the server takes, without what is selected", () => {
    const search = jobsSearch({ state: "failed", type: "a,b", q: "x", selected: "all", at: id(3) });
    assert.deepEqual(filterOf(search), { state: ["failed"], type: ["a", "b"], q: "x" });
    assert.deepEqual(filterSearch(search), { state: "failed", type: "a,b", q: "x" });
  });

  it("names nothing where nothing is asked for", () => assert.deepEqual(filterOf({}), {}));
});
