import assert from "node:assert/strict";
import { test } from "node:test";
import { CELL_TYPES, type CellType, dayOf, fitsType } from "./cell-types.ts";

const cases: readonly (readonly [CellType, readonly string[], readonly string[]])[] = [
  ["string", ["", "anything", " "], []],
  ["integer", ["", "0", "-12", "+7", "007", "123456789012345678901234567890"], [" 1", "1.0", "1e3", "x", "--1", "١"]],
  ["number", ["", "0", "-1.5", "+.5", "3.", "1e6", "-2.5E-10"], ["1,5", "1e", ".", "e5", "0x10", "Infinity", "NaN"]],
  ["boolean", ["", "true", "FALSE", "yes", "No", "1", "0"], ["2", "ja", "t", "true "]],
  [
    "date",
    ["", "2024-02-29", "2024-01-31T23:59:60Z", "2024-01-31t10:00:00.123+05:30", "2024-01-31 10:00:00Z"],
    [
      "2023-02-29",
      "2024-13-01",
      "2024-00-10",
      "2024-01-00",
      "24-01-01",
      "01.02.2024",
      "2024-01-31T10:00:00",
      "2024-01-31T24:00:00Z",
    ],
  ],
];

for (const [type, fitting, others] of cases) {
  test(`a column of type ${type} takes what is written like one, and nothing else`, () => {
    for (const value of fitting) assert.equal(fitsType(value, type), true, `${type} takes ${JSON.stringify(value)}`);
    for (const value of others) assert.equal(fitsType(value, type), false, `${type} refuses ${JSON.stringify(value)}`);
  });
}

test("a cell as large as one may be is judged at once, also where it goes wrong at its end", () => {
  const digits = "1".repeat(100_000);
  const begun = performance.now();
  for (const type of CELL_TYPES) assert.equal(fitsType(`${digits}x`, type), type === "string", type);
  assert.equal(fitsType(`.${digits}e`, "number"), false);
  assert.ok(performance.now() - begun < 5_000);
});

test("the day of a date-time is the one that is written there", () => {
  assert.equal(dayOf("2024-01-31T23:30:00-05:00"), "2024-01-31");
  assert.equal(dayOf("1900-02-28"), "1900-02-28");
  assert.equal(dayOf("1900-02-29"), null);
  assert.equal(dayOf(""), null);
});
