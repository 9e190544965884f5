// A file: dropped or chosen, with its way to the server.
import { FileText, Upload } from "lucide-react";
import { type DragEvent, type InputHTMLAttributes, useEffect, useState } from "react";
import { problemText } from "../../../data/problem.ts";
import { bytes } from "../../../format/number.ts";
import { Button, buttonClasses } from "../../../parts/button.tsx";
import { classes } from "../../../parts/class-names.ts";
import { Field } from "../../../parts/field.tsx";
import { useForm } from "../form-view.ts";
import { shownCell } from "../preview/shown-cell.ts";
import { titleOf } from "../shape.ts";
import type { FileState } from "../use-files.ts";
import { type FieldPropsOf, hintOf } from "./field-props.ts";

/** What a server takes that was not configured to take more. */
const USUAL_LIMIT = 1024 ** 3;

export function FileField({ name, shape, isRequired, pointer }: FieldPropsOf<"file">) {
  const { mistakes, files } = useForm();
  const [refusal, setRefusal] = useState<string>();
  const [isOver, setOver] = useState(false);
  useNoStrayDrops();
  const view = files.views.get(name);
  const take = (given: readonly File[], isFolder = false) => {
    const why = refusalOf(given, isFolder);
    setRefusal(why);
    const [file] = given;
    if (why === undefined && file) files.take(name, file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const isFolder = [...event.dataTransfer.items].some((item) => item.webkitGetAsEntry()?.isDirectory === true);
    take([...event.dataTransfer.files], isFolder);
  };
  // The schema speaks to programs, which name a file by its id.
  const hint = hintOf(shape)?.replace(/^The id of (?:an|the) uploaded file[:.]\s*/, "");
  return (
    <Field
      label={titleOf(name, shape)}
      hint={hint === "" ? undefined : hint}
      mistake={refusal ?? mistakes.get(pointer)}
      required={isRequired}
    >
      {(attributes) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shorter way to what the control in it does.
        <div
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
          className={classes(
            "flex min-h-16 flex-wrap items-center gap-3 rounded border border-dashed px-4 py-3 text-sm",
            isOver ? "border-accent bg-running-tint" : "bg-surface",
            !isOver && (attributes["aria-invalid"] ? "border-failed" : "border-line-strong"),
          )}
        >
          {view ? <StateOfFile state={view.state} /> : <Invitation />}
          <span className="ml-auto flex flex-wrap gap-2">
            {view && (
              <FileButtons
                state={view.state}
                onRetry={() => files.retry(name)}
                onRemove={() => {
                  setRefusal(undefined);
                  files.remove(name);
                }}
              />
            )}
            <ChooseButton {...attributes} isReplacing={view !== undefined} onChoose={take} />
          </span>
        </div>
      )}
    </Field>
  );
}

function refusalOf(given: readonly File[], isFolder: boolean): string | undefined {
  const [file] = given;
  if (isFolder) return "This is a folder. Drop one file.";
  if (given.length > 1) return `These are ${given.length} files. Drop one: each job has its own.`;
  if (!file) return "This is no file.";
  return file.size === 0 ? `The file ${shownCell(file.name)} is empty.` : undefined;
}

/** A file that misses the field would be opened by the browser, in place of the page. */
function useNoStrayDrops(): void {
  useEffect(() => {
    const prevent = (event: Event) => event.preventDefault();
    window.addEventListener("dragover", prevent);
    window.addEventListener("drop", prevent);
    return () => {
      window.removeEventListener("dragover", prevent);
      window.removeEventListener("drop", prevent);
    };
  }, []);
}

function Invitation() {
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3 text-muted">
      <Upload aria-hidden size={18} className="shrink-0" />
      Drop a file here
    </span>
  );
}

interface ChooseButtonProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly isReplacing: boolean;
  readonly onChoose: (files: readonly File[]) => void;
}

function ChooseButton({ isReplacing, onChoose, ...attributes }: ChooseButtonProps) {
  return (
    <label
      className={classes(
        buttonClasses("plain", true),
        "relative cursor-pointer has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent has-[:focus-visible]:outline-offset-2",
      )}
    >
      {isReplacing ? "Choose another" : "Choose a file"}
      <input
        {...attributes}
        type="file"
        className="sr-only"
        onChange={(event) => {
          const given = [...(event.target.files ?? [])];
          // The same file can be chosen again, when it was mended meanwhile.
          event.target.value = "";
          if (given.length > 0) onChoose(given);
        }}
      />
    </label>
  );
}

function StateOfFile({ state }: { readonly state: FileState }) {
  const name = "name" in state ? state.name : "The file";
  return (
    <span className="flex min-w-0 flex-[1_1_240px] items-center gap-3">
      <FileText aria-hidden size={18} className="shrink-0 text-muted" />
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi className="truncate font-medium" title={shownCell(name)}>
          {shownCell(name)}
        </bdi>
        <span className={classes("figures text-xs", isBad(state) ? "text-failed" : "text-muted")}>
          {wordsOf(state)}
        </span>
        <span role="status" className="sr-only">
          {state.kind === "uploading" ? "" : wordsOf(state)}
        </span>
        {state.kind === "uploading" && <UploadBar sent={state.sent} size={state.size} />}
      </span>
    </span>
  );
}

interface FileButtonsProps {
  readonly state: FileState;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}

function FileButtons({ state, onRetry, onRemove }: FileButtonsProps) {
  return (
    <>
      {state.kind === "failed" && (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      )}
      <Button small look="quiet" onClick={onRemove}>
        {state.kind === "uploading" ? "Stop the upload" : "Remove"}
      </Button>
    </>
  );
}

const isBad = ({ kind }: FileState): boolean => kind === "failed" || kind === "lost";

function wordsOf(state: FileState): string {
  switch (state.kind) {
    case "uploading": {
      const large = state.size > USUAL_LIMIT ? " A server takes 1 GiB, unless it is configured for more." : "";
      return `${bytes(state.sent)} of ${bytes(state.size)} uploaded.${large}`;
    }
    case "stored":
      return state.isOwn ? `${bytes(state.size)}, uploaded` : `${bytes(state.size)}, of the earlier job`;
    case "failed":
      return `Not uploaded. ${problemText(state.problem)}`;
    case "lost":
      return `The earlier job's file cannot be read. ${problemText(state.problem)} Choose another.`;
  }
}

function UploadBar({ sent, size }: { readonly sent: number; readonly size: number }) {
  const percent = Math.floor((sent / size) * 100);
  return (
    <span
      role="progressbar"
      aria-label="Upload"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className="mt-1 block h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset"
    >
      <span className="block h-full rounded-full bg-running" style={{ width: `${percent}%` }} />
    </span>
  );
}
