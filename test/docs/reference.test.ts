// The reference pages tell the truth: their tables are compared with the tables in the code.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { SETTINGS } from "../../src/cli/settings.ts";
import { ERROR_CODES } from "../../src/domain/errors.ts";

test("docs/reference/errors.md lists every error code with its status, exit code and title", async () => {
  const rows = await table("errors.md", "code");
  const documented = rows.map(([code, status, exitCode, title]) => [code, status, exitCode, title]);
  const real = Object.entries(ERROR_CODES).map(([code, { status, exitCode, title }]) => [
    `\`${code}\``,
    String(status),
    String(exitCode),
    title,
  ]);
  assert.deepEqual(documented, real);
  assert.deepEqual(
    rows.filter(([, , , , advice]) => !advice),
    [],
    "each code says what to do",
  );
});

test("docs/reference/configuration.md lists every setting with its flag, default and meaning", async () => {
  const rows = await table("configuration.md", "variable");
  const real = Object.values(SETTINGS).map(({ variable, flag, text, description }) => [
    `\`${variable}\``,
    `\`${flag}\``,
    text === "" ? "nothing" : `\`${text}\``,
    description,
  ]);
  assert.deepEqual(rows, real);
});

/** The cells of the table whose first column is called `first`, without its head. */
async function table(page: string, first: string): Promise<string[][]> {
  const text = await readFile(new URL(`../../docs/reference/${page}`, import.meta.url), "utf8");
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  const length = lines.slice(start).findIndex((line) => !line.startsWith("|"));
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}
