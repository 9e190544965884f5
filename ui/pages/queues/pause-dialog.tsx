// Pauses a queue: what runs goes on, and nothing new starts.
import { useState } from "react";
import type { Queue } from "../../../src/client/index.ts";
import { KEYS, server } from "../../data/server.ts";
import { useChange } from "../../data/use-change.ts";
import { plural } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { ReasonField } from "../../parts/reason-field.tsx";

export function PauseDialog({ queue, onClose }: { readonly queue: Queue; readonly onClose: () => void }) {
  const [reason, setReason] = useState("");
  const { run, isBusy, problem } = useChange(KEYS.queues);
  const pause = async () => {
    const why = reason.trim();
    const options = why === "" ? {} : { reason: why };
    const done = `The queue ${queue.name} is paused.`;
    if (await run(() => server.queues.pause(queue.name, options), done)) onClose();
  };
  return (
    <Dialog title={`Pause the queue ${queue.name}`} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void pause();
        }}
      >
        {problem !== null && <ProblemNotice problem={problem} what="The queue was not paused." />}
        <p className="m-0 text-sm">
          Nothing of it is started until it is resumed: {plural(queue.waiting, "job waits", "jobs wait")}. What runs
          goes on: {plural(queue.running, "job")}.
        </p>
        <ReasonField hint="Shown beside the queue." value={reason} onChange={setReason} />
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={isBusy}>
            Pause the queue
          </Button>
          <Button look="quiet" onClick={onClose}>
            Leave it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
