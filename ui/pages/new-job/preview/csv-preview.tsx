// The beginning of a CSV file under the types that were chosen for its columns, with what looks wrong marked: the moment to
// see swapped columns is before the start.
import { count, plural } from "../../../format/number.ts";
import { Button } from "../../../parts/button.tsx";
import { useForm } from "../form-view.ts";
import { FindingText } from "./finding-text.tsx";
import type { Finding } from "./preview-findings.ts";
import { PreviewTable } from "./preview-table.tsx";
import type { FilePreview } from "./use-previews.ts";

interface CsvPreviewProps {
  readonly preview: FilePreview;
  readonly fileName: string;
}

const DELIMITERS: Readonly<Record<string, string>> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" };

export function CsvPreview({ preview, fileName }: CsvPreviewProps) {
  const { head, note, columns, findings } = preview;
  const all = note === null ? findings : [{ severity: "refused", text: note } as const, ...findings];
  return (
    <section aria-label={`Preview of ${fileName}`} className="panel min-w-0">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-2.5">
        <h3 className="m-0 font-semibold text-sm">Preview</h3>
        {head?.header && (
          <p className="figures m-0 text-muted text-xs">
            {plural(columns.length, "column")} · {lookedAt(preview)} · delimiter:{" "}
            {DELIMITERS[head.delimiter] ?? head.delimiter}
          </p>
        )}
      </div>
      <div aria-live="polite">{all.length > 0 && <Findings findings={all} />}</div>
      {head?.header && (
        <>
          <Suggestions preview={preview} />
          <PreviewTable head={head} columns={columns} />
        </>
      )}
    </section>
  );
}

function lookedAt({ head, isWhole }: FilePreview): string {
  const rows = head?.rows.length ?? 0;
  return isWhole ? plural(rows, "row") : `first ${count(rows)} rows looked at`;
}

function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul className="m-0 flex list-none flex-col gap-1 border-line border-b p-0 px-4 py-2.5">
      {findings.map((finding) => (
        <li key={finding.text}>
          <FindingText finding={finding} />
        </li>
      ))}
    </ul>
  );
}

/** Types that all the cells would fit. */
function Suggestions({ preview: { columns } }: { readonly preview: FilePreview }) {
  const { columnTypes, hasDataset, setColumnTypes } = useForm();
  const suggested = columns.flatMap(({ name, suggestion }) =>
    suggestion === null ? [] : [[name, suggestion] as const],
  );
  // The types of a dataset that is there already are fixed.
  if (columnTypes === null || hasDataset || suggested.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b px-4 py-2 text-xs">
      <span className="min-w-0 flex-1 text-muted">
        {plural(suggested.length, "column")} could have a type: then each row is checked, and dates can be exported by
        day.
      </span>
      <Button small onClick={() => setColumnTypes(Object.fromEntries(suggested))}>
        Use the suggested types
      </Button>
    </div>
  );
}
