// The form of one type: on the left what is said, on the right what will be started.
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type JobTypeInfo, type Json, PawlError, type SubmitRequest } from "../../../src/client/index.ts";
import { announce } from "../../data/announce.ts";
import { putJobs } from "../../data/job-cache.ts";
import { droppedFrom, secretsIn } from "./draft.ts";
import { FormFields } from "./form-fields.tsx";
import { FormProblem } from "./form-problem.tsx";
import { FormContext } from "./form-view.ts";
import { mistakesOf } from "./mistakes.ts";
import { withoutSecrets } from "./read-draft.ts";
import { inputField, requestShape } from "./request-shape.ts";
import { isObject } from "./shape.ts";
import { StartButton } from "./start-button.tsx";
import { useFormView } from "./use-form-view.ts";
import { type TakenOver, useJobForm } from "./use-job-form.ts";
import { useSubmit } from "./use-submit.ts";
import { WhatStarts } from "./what-starts.tsx";

interface JobFormProps {
  readonly type: JobTypeInfo;
  readonly takenOver: TakenOver;
  /** What stands above the fields. */
  readonly children: ReactNode;
}

const SECRET_SHOWN = "•••";

export function JobForm({ type, takenOver, children }: JobFormProps) {
  const navigate = useNavigate();
  const form = useJobForm(type, takenOver);
  const view = useFormView(type, form, takenOver.input);
  const { isSending, send } = useSubmit();
  const [problem, setProblem] = useState<unknown>();
  const [isWaiting, setWaiting] = useState(false);
  const { element, focusFirst } = useFocusOnMistake();
  const uploading = useMemo(
    () => [...view.files.views].flatMap(([name, { state }]) => (state.kind === "uploading" ? [name] : [])),
    [view.files.views],
  );

  const refuse = (mistakes: ReturnType<typeof mistakesOf>, why?: unknown) => {
    form.place(mistakes);
    setProblem(why);
    focusFirst();
  };

  const start = async () => {
    if (isSending) return;
    setProblem(undefined);
    const { value, mistakes } = form.read;
    const real = mistakes.filter(({ pointer }) => !uploading.some((name) => pointer === `/input/${name}`));
    if (real.length > 0) return refuse(real);
    form.place([]);
    if (uploading.length > 0) return setWaiting(true);
    try {
      const job = await send(requestOf(type, value));
      if (job === null) return;
      putJobs([job]);
      announce(`Submitted: ${job.type} ${job.key ?? ""}`.trim());
      await navigate({ to: "/jobs/$id", params: { id: job.id } });
    } catch (refusal) {
      const named = mistakesOf(refusal);
      const isSaid = named.length > 0 && !(refusal instanceof PawlError && refusal.extras.holder !== undefined);
      refuse(named, isSaid ? undefined : refusal);
    }
  };

  const isReady = isWaiting && uploading.length === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end of the upload starts what was asked for, once.
  useEffect(() => {
    if (!isReady) return;
    setWaiting(false);
    void start();
  }, [isReady]);

  const shown = withoutSecrets(form.shape, form.read.value, SECRET_SHOWN);
  return (
    <FormContext value={view}>
      <form
        ref={element}
        noValidate
        aria-label="New job"
        className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,1fr)_340px]"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (isWaiting) setWaiting(false);
          else void start();
        }}
      >
        <div className="flex min-w-0 flex-col gap-6">
          <FormProblem placed={form.placed} problem={problem} />
          {children}
          <TakenOverNotes type={type} takenOver={takenOver} />
          <FormFields form={form} isUploading={uploading.length > 0} />
        </div>
        <WhatStarts
          type={type}
          request={isObject(shown) ? shown : {}}
          localFiles={form.isJson ? [] : localFilesOf(view.files.views)}
        >
          <StartButton form={form} isSending={isSending} isWaiting={isWaiting} />
        </WhatStarts>
      </form>
    </FormContext>
  );
}

function localFilesOf(views: ReturnType<typeof useFormView>["files"]["views"]) {
  return [...views].flatMap(([field, { state }]) => {
    const isLocal = state.kind === "uploading" || (state.kind === "stored" && state.isOwn);
    return isLocal ? [{ field, name: state.name }] : [];
  });
}

/** The shape of the options makes of each what it has to be; of the input the server judges. */
const requestOf = (type: JobTypeInfo, value: Json | undefined) =>
  ({ input: {}, ...(isObject(value) ? value : {}), type: type.name }) as SubmitRequest;

function useFocusOnMistake() {
  const element = useRef<HTMLFormElement>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (tries === 0) return;
    const find = (selector: string) => element.current?.querySelector<HTMLElement>(selector);
    (find('[aria-invalid="true"], [data-mistake]') ?? find("[data-problem]"))?.focus();
  }, [tries]);
  return { element, focusFirst: () => setTries((present) => present + 1) };
}

/** What could not be taken over from the earlier job. */
function TakenOverNotes({ type, takenOver: { input } }: Pick<JobFormProps, "type" | "takenOver">) {
  const shape = useMemo(() => inputField(requestShape(type))?.shape, [type]);
  if (!shape) return null;
  const secrets = secretsIn(shape, input);
  const dropped = droppedFrom(shape, input);
  if (secrets.length === 0 && dropped.length === 0) return null;
  return (
    <div className="rounded border border-paused bg-paused-tint p-3 text-paused text-sm">
      {secrets.length > 0 && (
        <p className="m-0 break-words">Secrets are not taken over. Give again: {secrets.join(", ")}.</p>
      )}
      {dropped.length > 0 && (
        <p className="m-0 break-words">Left out, since the type no longer has it: {dropped.join(", ")}.</p>
      )}
    </div>
  );
}
