// docs/guides/csv-files.md tells the truth: its points name files of the corpus, its messages are those that the corpus
// proves, and no code is missing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isReadable } from "./csv-case.ts";
import { CSV_CASES } from "./csv-cases.ts";

const lines = readFileSync(new URL("../../docs/guides/csv-files.md", import.meta.url), "utf8").split("\n");
const cellsOf = (line: string) => line.slice(2, -2).split(" | ");
const refusals = CSV_CASES.flatMap(({ refused }) => (refused ? [refused] : []));

test("each point of the guide names files of the corpus", () => {
  const points = lines.filter((line) => line.startsWith("- ") || line.includes("<!--"));
  const files = new Set(CSV_CASES.map(({ file }) => file));
  assert.ok(points.length > 20);
  for (const point of points) {
    const [, named = ""] = /<!-- (.+) -->$/.exec(point) ?? [];
    assert.deepEqual(
      named.split(", ").filter((file) => !files.has(file)),
      [],
      point,
    );
  }
});

test("the messages that the guide shows are those of the corpus, and it shows every code", () => {
  const rows = lines.filter((line) => line.startsWith("| `")).map(cellsOf);
  for (const [code = "", , message] of rows)
    assert.ok(
      refusals.some((refused) => `\`${refused.code}\`` === code && refused.message === message),
      message,
    );
  const shown = new Set(rows.map(([code]) => code));
  assert.deepEqual(shown, new Set(refusals.map(({ code }) => `\`${code}\``)));
});

test("the reasons that the guide shows are those of the corpus", () => {
  const start = lines.indexOf("| reason | when |") + 2;
  const reasons = lines.slice(start, lines.indexOf("", start)).map((line) => cellsOf(line)[0]);
  const told = CSV_CASES.filter(isReadable).flatMap(({ problems }) => Object.values(problems ?? {}));
  assert.ok(reasons.length > 0);
  for (const reason of reasons)
    assert.ok(
      told.some((problem) => problem.endsWith(`: ${reason}`)),
      reason,
    );
});
