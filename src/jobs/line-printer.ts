// Prints lines without ever waiting for whoever reads them: what a full pipe cannot take is left out and counted, so
// that a reader who is slow, stopped or gone costs a bounded amount of memory, and no job its life.

/** What of a stream is needed: `process.stdout` is one. */
export interface LineSink {
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  write(text: string): boolean;
  on(event: "error", listener: () => void): unknown;
}

/** What may wait for a reader. Streams take any amount, and keep it in memory. */
const WAITING_BYTES = 262_144;

/** Makes the function that prints a line to `sink`. Lines that it left out are told as soon as there is a reader again. */
export function createLinePrinter(sink: LineSink): (line: string) => void {
  let leftOut = 0;
  // An error that nobody listens to would end the process.
  sink.on("error", () => undefined);

  // Once lines are left out, the whole backlog has to be read first: one gap is easier to read than many.
  const isFull = () => (leftOut > 0 ? sink.writableNeedDrain : sink.writableLength > WAITING_BYTES);

  return (line) => {
    if (isFull()) {
      leftOut += 1;
      return;
    }
    if (leftOut > 0) sink.write(`(${leftOut} lines were left out: nobody read them in time.)\n`);
    leftOut = 0;
    sink.write(`${line}\n`);
  };
}
