import assert from "node:assert/strict";
import { test } from "node:test";
import { PawlError } from "../../domain/errors.ts";
import { toPawlError } from "./failures.ts";

const told = (code: string) => {
  const answer = toPawlError(Object.assign(new Error("what the driver said"), { code }));
  return answer instanceof PawlError ? answer.code : "as it is";
};

test("an outage is told from a mistake, whoever says so", () => {
  for (const code of [
    "EPIPE",
    "ECONNRESET",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "08006",
    "53300",
    "57P01",
    "57P03",
    "25006",
    "25P03",
    "55P03",
    "40001",
  ]) {
    assert.equal(told(code), "store_unavailable", code);
  }
  for (const code of ["23505", "22P02", "42703", "XX000", "P0001"]) assert.equal(told(code), "as it is", code);
  assert.equal(told("53100"), "storage_full");
  assert.equal(told("22021"), "invalid_request");
  assert.equal(told("26000"), "store_unavailable");
});

test("what the operator has to mend is said, with what to do", () => {
  const cases = [
    ["28P01", /refuses: .*password/],
    ["3D000", /Create that database/],
    ["3F000", /schema is gone/],
    ["42P01", /Tables are gone/],
    ["42501", /role/],
  ] as const;
  for (const [code, expected] of cases) {
    const answer = toPawlError(Object.assign(new Error("what the driver said"), { code }));
    assert.ok(answer instanceof PawlError && answer.code === "store_unavailable", code);
    assert.match(answer.message, expected);
  }
});
