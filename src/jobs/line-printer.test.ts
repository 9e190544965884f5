import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { test } from "node:test";
import { createLinePrinter } from "./line-printer.ts";

const LINES = 100_000;
const print = (printLine: (line: string) => void, from: number, count: number) => {
  for (let n = from; n < from + count; n += 1) printLine(`line ${n}`);
};

/** A reader that takes nothing until it is told to. */
function createReader() {
  const taken: string[] = [];
  let reads = false;
  let takeOn = () => {};
  const sink = new Writable({
    write(chunk, _encoding, done) {
      takeOn = () => {
        taken.push(String(chunk));
        done();
      };
      if (reads) takeOn();
    },
  });
  const readOn = async () => {
    reads = true;
    const drained = once(sink, "drain");
    takeOn();
    await drained;
  };
  return { sink, readOne: () => takeOn(), readOn, lines: () => taken.join("").trimEnd().split("\n") };
}

test("lines that nobody reads are left out once a bounded amount waits, and are told as one gap afterwards", async () => {
  const { sink, readOne, readOn, lines } = createReader();
  const printLine = createLinePrinter(sink);
  print(printLine, 0, LINES);
  assert.ok(sink.writableLength < 300_000, `${sink.writableLength} bytes wait`);
  for (let n = LINES; n < LINES + 9; n += 1) {
    readOne();
    printLine(`line ${n}`);
  }
  await readOn();
  const kept = lines().length;
  assert.deepEqual(
    lines(),
    Array.from({ length: kept }, (_, n) => `line ${n}`),
  );
  print(printLine, LINES + 9, 2);
  assert.deepEqual(lines().slice(kept), [
    `(${LINES + 9 - kept} lines were left out: nobody read them in time.)`,
    `line ${LINES + 9}`,
    `line ${LINES + 10}`,
  ]);
});

/** Prints to its standard output for a while, then tells on its standard error how many bytes wait there. */
const PRINTING = `
  import { createLinePrinter } from ${JSON.stringify(new URL("./line-printer.ts", import.meta.url).href)};
  const printLine = createLinePrinter(process.stdout);
  for (let turn = 0; turn < 50; turn += 1) {
    for (let n = 0; n < 1_000; n += 1) printLine("a line of forty characters, more or less.");
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.stderr.write(String(process.stdout.writableLength), () => process.exit(0));
`;

for (const reader of ["does not read", "is gone"]) {
  test(`a process survives that whoever reads its output ${reader}, and keeps little of it`, async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", PRINTING], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let waiting = "";
    child.stderr.on("data", (chunk) => {
      waiting += chunk;
    });
    if (reader === "is gone") child.stdout.destroy();
    const [code] = await once(child, "exit");
    child.stdout.destroy();
    assert.equal(code, 0, waiting);
    assert.match(waiting, /^\d+$/);
    assert.ok(Number(waiting) < 300_000, `${waiting} bytes wait`);
  });
}
