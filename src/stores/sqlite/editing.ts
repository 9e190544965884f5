// Edits over the writer's thread: encodes what to change, and says what came of it.
import type { EditWrite, JobStore } from "../../ports/store.ts";
import { changeOf, type LocalNotifier } from "../sql/notifier.ts";
import { jobRecordOf, parseArray } from "../sql/rows.ts";
import type { Connection } from "./connection.ts";
import type { EditArguments } from "./edits.ts";

export interface EditingOptions {
  readonly writer: Connection;
  readonly notifier: LocalNotifier;
}

const EDITABLE = ["priority", "availableAt", "maxAttempts", "labels", "input"] as const;

function argumentsOf(write: EditWrite): EditArguments {
  const { id, actor, reason, availableAt, labels, input, expectedInput, ...numbers } = write;
  const given = { availableAt, labels, input, ...numbers };
  return {
    id,
    actor,
    reason,
    data: { changed: EDITABLE.filter((field) => given[field] !== undefined) },
    ...numbers,
    availableNow: availableAt === null,
    ...(typeof availableAt === "number" && { availableAt }),
    ...(labels && { labels: JSON.stringify(labels) }),
    ...(input && {
      input: {
        text: JSON.stringify(input.input),
        exclusiveGroup: input.exclusiveGroup,
        concurrencyKey: input.concurrencyKey,
        secretFields: JSON.stringify(input.secretFields),
        fileIds: input.fileIds,
      },
    }),
    ...(expectedInput !== undefined && { expectedInput: JSON.stringify(expectedInput) }),
  };
}

export function createEdit({ writer, notifier }: EditingOptions): JobStore["edit"] {
  return async (write) => {
    const [kind, record, holder] = parseArray(
      JSON.parse(await writer.call("edit", JSON.stringify(argumentsOf(write)))),
      3,
    );
    if (kind === "missing") return { kind };
    const job = jobRecordOf(record);
    if (kind === "exclusive_group_taken") return { kind, job, holder: String(holder) };
    if (kind === "changed_meanwhile") return { kind, job };
    if (kind !== "edited") return { kind: "refused", job };
    notifier.publish({ kind: "changed", jobs: [changeOf(job)] });
    // Another input may have another concurrency key, which may have room.
    const sooner = write.availableAt !== undefined || write.input !== undefined;
    if (sooner && job.state === "queued") notifier.announceWork(job.availableAt);
    return { kind, job };
  };
}
