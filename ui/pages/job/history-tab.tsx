// All that happened to the job, entry by entry, the latest first.
import { useState } from "react";
import type { HistoryEntry } from "../../../src/client/index.ts";
import { useWorkerName } from "../../data/worker-names.ts";
import { absolute } from "../../format/duration.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { fieldsText } from "./log/shown-lines.ts";

const SHOWN = 100;
const MORE = 500;
/** Characters of what an entry tells beyond its reason. */
const DATA_SHOWN = 1_000;

const DAY_TIME = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

const COLUMNS: readonly Column<HistoryEntry>[] = [
  { name: "Number", isNumber: true, cell: ({ seq }) => <span className="text-muted">{count(seq)}</span> },
  {
    name: "When",
    cell: ({ at }) => (
      <time className="figures whitespace-nowrap" title={absolute(at)} dateTime={new Date(at).toISOString()}>
        {DAY_TIME.format(at)}
      </time>
    ),
  },
  { name: "What", isHead: true, cell: ({ kind }) => <span className="font-medium">{kind}</span> },
  { name: "Who", cell: ({ actor }) => <Actor name={actor} /> },
  {
    name: "Led to",
    cell: ({ state, phase }) => (
      <span className="whitespace-nowrap">
        {state}
        {phase === "rollback" && <span className="text-muted"> (rollback)</span>}
      </span>
    ),
  },
  { name: "Attempt", isNumber: true, cell: ({ attempt }) => count(attempt) },
  { name: "Reason and more", cell: (entry) => <More entry={entry} /> },
];

export function HistoryTab({ entries }: { readonly entries: readonly HistoryEntry[] }) {
  const [most, setMost] = useState(SHOWN);
  const hidden = Math.max(0, entries.length - most);
  return (
    <div className="flex flex-col gap-3">
      <DataTable
        caption="History, the latest first"
        columns={COLUMNS}
        rows={entries.slice(hidden).toReversed()}
        keyOf={({ seq }) => String(seq)}
      />
      {hidden > 0 && (
        <Button small className="self-start" onClick={() => setMost(most + MORE)}>
          Show {count(Math.min(MORE, hidden))} earlier of {count(entries.length)}
        </Button>
      )}
    </div>
  );
}

const WORKER = "worker:";

function Actor({ name }: { readonly name: string }) {
  const worker = name.startsWith(WORKER) ? name.slice(WORKER.length) : null;
  const told = useWorkerName(worker);
  return (
    <bdi title={name} className="block max-w-[28ch] truncate">
      {worker === null ? name : `worker ${told ?? worker.slice(-12)}`}
    </bdi>
  );
}

function More({ entry: { kind, reason, data } }: { readonly entry: HistoryEntry }) {
  // Which worker took the job stands beside it already.
  const told = kind === "claim" ? null : fieldsText(data);
  return (
    <>
      {reason !== null && reason !== "" && <bdi className="mr-2">{reason}</bdi>}
      {told !== null && <bdi className="text-muted">{told.slice(0, DATA_SHOWN)}</bdi>}
    </>
  );
}
