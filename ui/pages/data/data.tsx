// What the shipped job types made: datasets with their rows and imports, and teams.
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { Dataset } from "../../../src/client/index.ts";
import { READS } from "../../data/server.ts";
import { count } from "../../format/number.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Command, EmptyState } from "../../parts/empty-state.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { QueryView } from "../../parts/query-view.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { DatasetRows } from "./dataset-rows.tsx";
import { Teams } from "./teams.tsx";

export function Data() {
  const { dataset } = useSearch({ from: "/data" });
  const datasets = useQuery(READS.datasets);
  const open = datasets.data?.find(({ name }) => name === dataset);
  return (
    <div className="flex flex-col gap-6">
      <PageHead title="Data" />
      <section aria-labelledby="datasets" className="flex flex-col gap-3">
        <h2 id="datasets" className="m-0 font-semibold text-base">
          Datasets
        </h2>
        <QueryView query={datasets} what="The datasets">
          {(items) =>
            items.length === 0 ? (
              <div className="panel">
                <EmptyState title="No datasets yet.">
                  <p className="m-0">
                    A CSV import makes one.{" "}
                    <Link to="/new" search={{ type: "csv-import" }} className="text-accent">
                      Import a file
                    </Link>
                    , or from a shell:
                  </p>
                  <Command>{`curl ${location.origin}/api/v1/jobs \\\n  -F 'job={"type":"csv-import","input":{"dataset":"people"}}' \\\n  -F file=@people.csv`}</Command>
                </EmptyState>
              </div>
            ) : (
              <DataTable caption="Datasets" columns={COLUMNS} rows={items} keyOf={({ name }) => name} />
            )
          }
        </QueryView>
      </section>
      {open && <DatasetRows key={open.name} dataset={open} />}
      <Teams />
    </div>
  );
}

const IMPORTS_SHOWN = 3;

const COLUMNS: readonly Column<Dataset>[] = [
  {
    name: "Dataset",
    isHead: true,
    cell: ({ name }) => (
      <Link to="/data" search={{ dataset: name }} className="font-medium text-accent">
        <bdi>{name}</bdi>
      </Link>
    ),
  },
  { name: "Rows", isNumber: true, cell: ({ rows }) => count(rows) },
  { name: "Columns", cell: ({ columns }) => <span className="text-muted">{columns.join(", ")}</span> },
  {
    name: "Imports, the newest first",
    cell: ({ imports }) => (
      <ul className="m-0 flex list-none flex-col gap-0.5 p-0">
        {imports
          .toReversed()
          .slice(0, IMPORTS_SHOWN)
          .map(({ jobId, rows, at }) => (
            <li key={jobId} className="figures">
              <Link to="/jobs/$id" params={{ id: jobId }} className="text-accent">
                {count(rows)} rows
              </Link>{" "}
              <span className="text-muted text-xs">
                <TimeText at={at} />
              </span>
            </li>
          ))}
        {imports.length > IMPORTS_SHOWN && (
          <li className="text-muted text-xs">and {count(imports.length - IMPORTS_SHOWN)} more</li>
        )}
      </ul>
    ),
  },
];
