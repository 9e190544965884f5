// The previews of the CSV files that stand in a form, as far as they are CSV.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Dataset } from "../../../../src/client/index.ts";
import { KEYS, READS, server } from "../../../data/server.ts";
import type { FileHead } from "../file-head.ts";
import type { Shape } from "../shape.ts";
import type { Files } from "../use-files.ts";
import { type CsvHead, readCsvHead } from "./csv-reader.ts";
import { headText } from "./csv-text.ts";
import type { CsvWishes } from "./csv-wishes.ts";
import { examine, type Preview } from "./preview-findings.ts";

export interface FilePreview extends Preview {
  /** `null`: nothing of the file can be shown. */
  readonly head: CsvHead | null;
  /** Why the file is not what the server reads. */
  readonly note: string | null;
  /** Whether the whole file was looked at, and not its beginning alone. */
  readonly isWhole: boolean;
}

/** Rows that are looked at; fewer are shown. */
const ROWS = 2_000;
const SAMPLE_ROWS = 50;

/** Columns that a type cannot do without, where its schema does not say so. */
const NEEDED: Readonly<Record<string, readonly string[]>> = { "bulk-teams": ["name"] };

interface UsePreviews {
  readonly type: string;
  readonly input: Shape;
  readonly files: Files;
  readonly wishes: CsvWishes;
}

export interface Previews {
  readonly of: ReadonlyMap<string, FilePreview>;
  readonly datasets: readonly Dataset[];
}

export function usePreviews({ type, input, files, wishes }: UsePreviews): Previews {
  const takesDataset = input.kind === "group" && input.fields.some(({ name }) => name === "dataset");
  const datasets = useQuery({ ...READS.datasets, enabled: takesDataset });
  const existing = datasets.data?.find(({ name }) => name === wishes.dataset);
  const samples = useSamples(existing?.name);

  const csvFiles = [...files.views].filter(([field, { head }]) => head !== null && isCsv(input, field, head));
  const heads = csvFiles.map(([, { head }]) => head);
  const present = JSON.stringify([csvFiles.map(([field]) => field), wishes, existing?.columns]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `present` says by value what was typed.
  const of = useMemo(() => {
    const to = { types: wishes.types, dateColumn: wishes.dateColumn, existing, samples, needed: NEEDED[type] ?? [] };
    return new Map(
      csvFiles.flatMap(([field, { head }]) => (head === null ? [] : [[field, previewOf(head, wishes.delimiter, to)]])),
    );
  }, [present, samples, type, ...heads]);
  return { of, datasets: datasets.data ?? [] };
}

function isCsv(input: Shape, field: string, { name }: FileHead): boolean {
  if (/\.(?:csv|tsv|tab)$/i.test(name)) return true;
  const shape = input.kind === "group" ? input.fields.find((one) => one.name === field)?.shape : undefined;
  return /\bcsv\b/i.test(`${shape?.title ?? ""} ${shape?.description ?? ""}`);
}

function previewOf(
  { bytes, isWhole }: FileHead,
  delimiter: string | undefined,
  to: Parameters<typeof examine>[1],
): FilePreview {
  const { text, note, isForeign } = headText(bytes, isWhole);
  if (isForeign) return { head: null, note, isWhole, columns: [], findings: [] };
  const head = readCsvHead(text, { delimiter, isWhole, limit: ROWS });
  return { head, note, isWhole: isWhole && head.rows.length < ROWS, ...examine(head, to) };
}

/** The first cells of a dataset that is there already, by name of column. */
function useSamples(dataset: string | undefined) {
  const { data } = useQuery({
    queryKey: [...KEYS.datasets, dataset, "sample"],
    queryFn: () => server.datasetRows(dataset ?? "", { limit: SAMPLE_ROWS }),
    enabled: dataset !== undefined,
    staleTime: 60_000,
  });
  return useMemo(() => {
    const cells = new Map<string, string[]>();
    for (const { values } of data?.items ?? [])
      for (const [name, value] of Object.entries(values)) cells.set(name, [...(cells.get(name) ?? []), value]);
    return Object.fromEntries(cells);
  }, [data]);
}
