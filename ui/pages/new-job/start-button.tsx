// The button that starts the job, and what is worth a look before.

import { TriangleAlert } from "lucide-react";
import { serverNow } from "../../data/server-time.ts";
import { plural } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { draftAt } from "./draft.ts";
import { useForm } from "./form-view.ts";
import type { JobForm } from "./use-job-form.ts";

interface StartButtonProps {
  readonly form: JobForm;
  readonly isSending: boolean;
  /** For an upload. */
  readonly isWaiting: boolean;
}

export function StartButton({ form, isSending, isWaiting }: StartButtonProps) {
  const { previews } = useForm();
  const marks = [...previews.values()].flatMap(({ findings, columns, note }) => [
    ...(note === null ? [] : [note]),
    ...findings.map(({ text }) => text),
    ...columns.flatMap((column) => column.findings.map(({ text }) => `${column.name}: ${text}`)),
  ]);
  const at = draftAt(form.draft, ["availableAt"]);
  const isLater = typeof at === "string" && Date.parse(at) > serverNow();
  return (
    <>
      {marks.length > 0 && !form.isJson && (
        <div className="flex items-start gap-2 rounded bg-paused-tint p-2.5 text-paused text-sm">
          <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
          <div className="min-w-0 flex-1">
            <p className="m-0 font-medium">{plural(marks.length, "mark")} in the preview. Look before you start.</p>
            <p className="m-0 line-clamp-2 break-words text-xs">
              <bdi>{marks[0]}</bdi>
            </p>
          </div>
        </div>
      )}
      <Button type="submit" look="primary" disabled={isSending}>
        {isSending ? "Starting" : isWaiting ? "Do not start yet" : isLater ? "Schedule" : "Start"}
      </Button>
      <p role="status" className="m-0 text-muted text-xs empty:hidden">
        {isWaiting ? "It starts as soon as the file is uploaded." : ""}
      </p>
    </>
  );
}
