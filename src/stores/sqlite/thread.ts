// The thread that owns a connection to the database, so that a sync of the disk never stops the event loop.
// Started by `connection.ts`; talks in the terms of `protocol.ts`.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { toFailure } from "./failures.ts";
import { openDatabase } from "./open.ts";
import { createGuestOperations, createReaderOperations, createWriterOperations } from "./operations.ts";
import type { Opened, Request, ThreadOptions } from "./protocol.ts";
import { createTransactor } from "./transactor.ts";

type Message = Request | "close";

const OPERATIONS = { writer: createWriterOperations, reader: createReaderOperations, guest: createGuestOperations };

function serve({ path, role }: ThreadOptions, port: NonNullable<typeof parentPort>): void {
  const db = openDatabase({ path, role });
  const { operations, memory } = OPERATIONS[role](db);
  const begin = role === "reader" ? "BEGIN" : "BEGIN IMMEDIATE";
  const transactor = createTransactor({ db, operations, memory, begin });
  let closing = false;

  function receive(message: Message): void {
    if (message === "close") closing = true;
    else transactor.accept(message);
  }

  // Everything that waits goes into the next transaction.
  function receiveAll(first: Message): void {
    receive(first);
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) receive(next.message);
  }

  function work(first: Message): void {
    receiveAll(first);
    while (!transactor.idle) {
      port.postMessage(transactor.run());
      const next = receiveMessageOnPort(port);
      if (next) receiveAll(next.message);
    }
    if (!closing) return;
    db.close();
    port.close();
  }

  port.on("message", work);
}

if (parentPort) {
  const options: ThreadOptions = workerData;
  let opened: Opened = { opened: true };
  try {
    serve(options, parentPort);
  } catch (error) {
    opened = { opened: false, ...toFailure(error) };
  }
  parentPort.postMessage(opened);
  if (!opened.opened) parentPort.close();
}
