// The log of a server under attack: whatever a request holds, each line of it is one entry, written by the program.
import assert from "node:assert/strict";
import type { World } from "./world.ts";

/** What requests of the corpus try to write into the log as lines or colours of their own. */
export const FORGED = '{"level":"error","msg":"forged"}';

const UNSEEN = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;

/** Throws unless every line on stderr is an entry of the log, and what jobs print moves no cursor. */
export function assertLogLines({ server, banner }: World): void {
  for (const line of server.stderr().split("\n").slice(0, -1)) {
    const entry: unknown = JSON.parse(line);
    assert.ok(typeof entry === "object" && entry !== null && "level" in entry && "time" in entry, line);
    assert.notEqual(line, FORGED);
    assert.doesNotMatch(line, UNSEEN, "a control character stands in the log");
  }
  const printed = server.stdout().slice(banner.length);
  for (const line of printed.split("\n").slice(0, -1)) assert.doesNotMatch(line, UNSEEN);
}
