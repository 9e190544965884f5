import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellType } from "./cell-types.ts";
import { type Loss, type ParquetValue, parquetColumn } from "./parquet-cells.ts";

/** The value of a cell, and what it lost. */
function convert(cell: string, type: CellType, timed = false): readonly [ParquetValue | undefined, ...Loss[]] {
  const losses: Loss[] = [];
  const column = parquetColumn({ name: "x", type }, { timed, onLoss: (loss) => losses.push(loss) });
  return [column.convert(cell), ...losses];
}

test("an integer is its value, however it is written, and none beyond 64 bits", () => {
  assert.deepEqual(convert("-12", "integer"), [-12n]);
  assert.deepEqual(convert("+007", "integer"), [7n]);
  assert.deepEqual(convert("-0", "integer"), [0n]);
  assert.deepEqual(convert("9007199254740993", "integer"), [9_007_199_254_740_993n]);
  assert.deepEqual(convert("9223372036854775807", "integer"), [9_223_372_036_854_775_807n]);
  assert.deepEqual(convert("-9223372036854775808", "integer"), [-9_223_372_036_854_775_808n]);
  assert.deepEqual(convert(`-${"0".repeat(1_000_000)}5`, "integer"), [-5n]);
  assert.deepEqual(convert("9223372036854775808", "integer"), [undefined]);
  assert.deepEqual(convert("-9223372036854775809", "integer"), [undefined]);
  assert.deepEqual(convert("9".repeat(1_000_000), "integer"), [undefined]);
});

test("a number is the nearest that 64 bits hold, and it is said when that is another one", () => {
  for (const cell of ["0.1", "-3.25", "+.5", "5.", "1e300", "1E+2", "0.000000000000001", "100000000000000000000"])
    assert.deepEqual(convert(cell, "number"), [Number(cell)], cell);
  assert.deepEqual(convert("0.100000000000000000000", "number"), [0.1]);
  assert.deepEqual(convert("2.5e-3", "number"), [0.0025]);
  assert.deepEqual(convert("-0.0", "number"), [0]);
  assert.deepEqual(convert("9007199254740993", "number"), [9_007_199_254_740_992, "digits"]);
  assert.deepEqual(convert("0.12345678901234567890", "number"), [0.12345678901234568, "digits"]);
  assert.deepEqual(convert("1e-400", "number"), [0, "digits"]);
  assert.deepEqual(convert(`0.${"0".repeat(1_000_000)}1`, "number"), [0, "digits"]);
  assert.deepEqual(convert("1e400", "number"), [undefined]);
  assert.deepEqual(convert("-1e400", "number"), [undefined]);
});

test("a boolean is true for true, yes and 1", () => {
  assert.deepEqual(
    ["true", "YES", "1", "False", "no", "0"].map((cell) => convert(cell, "boolean")),
    [[true], [true], [true], [false], [false], [false]],
  );
});

test("a date is the number of its day since 1970", () => {
  const day = (cell: string) => convert(cell, "date");
  assert.deepEqual(day("1970-01-01"), [0]);
  assert.deepEqual(day("1969-12-31"), [-1]);
  assert.deepEqual(day("2024-02-29"), [19_782]);
  assert.deepEqual(day("0001-01-01"), [-719_162]);
  assert.deepEqual(day("2024-02-29T00:00:00Z"), [undefined]);
});

test("a date in a column with times is a moment, in microseconds, and it is said what of it is lost", () => {
  const moment = (cell: string) => convert(cell, "date", true);
  const micros = (iso: string, more = 0n) => BigInt(Date.parse(iso)) * 1_000n + more;
  assert.deepEqual(moment("2024-02-29T13:45:10Z"), [micros("2024-02-29T13:45:10Z")]);
  assert.deepEqual(moment("2024-02-29t23:30:00-05:30"), [micros("2024-03-01T05:00:00Z")]);
  assert.deepEqual(moment("1969-12-31 23:59:59.5+00:00"), [-500_000n]);
  assert.deepEqual(moment("2024-02-29T13:45:10.123456000Z"), [micros("2024-02-29T13:45:10Z", 123_456n)]);
  assert.deepEqual(moment("2024-02-29T13:45:10.1234567Z"), [micros("2024-02-29T13:45:10Z", 123_456n), "fraction"]);
  assert.deepEqual(moment("2016-12-31T23:59:60Z"), [micros("2017-01-01T00:00:00Z"), "leap second"]);
  assert.deepEqual(moment("2024-02-29"), [micros("2024-02-29T00:00:00Z"), "no time"]);
});

test("an empty cell is no value in a column of any type", () => {
  const types: readonly CellType[] = ["string", "integer", "number", "boolean", "date"];
  assert.deepEqual(
    types.map((type) => convert("", type)),
    types.map(() => [null]),
  );
  assert.deepEqual(convert("", "date", true), [null]);
  assert.deepEqual(convert(" ", "string"), [" "]);
});
