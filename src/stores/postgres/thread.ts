// The thread that renews leases, so that a busy event loop does not lose them. Started by `lease-thread.ts`; talks in the
// terms of `lease-protocol.ts`.
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import type { LeaseThreadData, ToThread } from "./lease-protocol.ts";
import { createLeaseRenewer } from "./lease-renewer.ts";
import { threadClock } from "./machine-time.ts";

/** A thread's own stderr goes through the main thread, which does not move now. */
function warnAtOnce(msg: string): void {
  try {
    writeSync(2, `${JSON.stringify({ level: "error", time: new Date().toISOString(), msg })}\n`);
  } catch {
    // Nobody reads it: that must not end the leases.
  }
}

function serve({ options, port }: LeaseThreadData): void {
  const renewer = createLeaseRenewer({
    ...options,
    clock: threadClock,
    post: (message) => port.postMessage(message),
    warn: options.report ? warnAtOnce : () => {},
  });
  void renewer.prepare();
  port.on("message", (message: ToThread) => {
    renewer.heard();
    switch (message.kind) {
      case "keep":
        renewer.keep(message.workerId);
        return;
      case "drop":
        renewer.drop(message.workerId);
        return;
      case "alive":
        return;
    }
  });
}

serve(workerData);
