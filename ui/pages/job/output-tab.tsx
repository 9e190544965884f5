// What the job made: its output, and files to download.
import { Download } from "lucide-react";
import type { Artifact, Job } from "../../../src/client/index.ts";
import { isFinal } from "../../../src/domain/lifecycle.ts";
import { server } from "../../data/server.ts";
import { bytes } from "../../format/number.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { DataTree } from "../../parts/data-tree.tsx";

export function OutputTab({ whole }: { readonly whole: Job }) {
  return (
    <div className="flex flex-col gap-6">
      <section aria-labelledby="output" className="flex flex-col gap-2">
        <h3 id="output" className="m-0 font-medium text-sm">
          Output
        </h3>
        {whole.output === null ? (
          <p className="m-0 text-muted text-sm">
            {isFinal(whole.state) ? "It has no output." : "It has no output before it has succeeded."}
          </p>
        ) : (
          <DataTree value={whole.output} label="output" />
        )}
      </section>
      <section aria-labelledby="artifacts" className="flex flex-col gap-2">
        <h3 id="artifacts" className="m-0 font-medium text-sm">
          Artifacts
        </h3>
        {whole.artifacts.length === 0 ? (
          <p className="m-0 text-muted text-sm">It made no files{isFinal(whole.state) ? "." : " yet."}</p>
        ) : (
          <ArtifactTable jobId={whole.id} artifacts={whole.artifacts} />
        )}
      </section>
    </div>
  );
}

interface ArtifactTableProps {
  readonly jobId: string;
  readonly artifacts: readonly Artifact[];
}

function ArtifactTable({ jobId, artifacts }: ArtifactTableProps) {
  const columns: readonly Column<Artifact>[] = [
    {
      name: "Name",
      isHead: true,
      cell: ({ name }) => (
        <a
          href={server.artifactUrl(jobId, name)}
          download={name}
          className="flex min-h-6 min-w-0 items-center gap-2 font-medium text-accent"
        >
          <Download aria-hidden size={15} className="shrink-0" />
          <bdi className="truncate">{name}</bdi>
        </a>
      ),
    },
    { name: "Size", isNumber: true, cell: ({ size }) => <span className="whitespace-nowrap">{bytes(size)}</span> },
    { name: "Type", cell: ({ mediaType }) => <bdi className="text-muted">{mediaType}</bdi> },
    {
      name: "SHA-256",
      cell: ({ name, sha256 }) => (
        <span className="flex min-w-0 items-center gap-1 font-mono text-xs">
          <span className="min-w-0 truncate" title={sha256}>
            {sha256}
          </span>
          <CopyButton text={sha256} what={`SHA-256 of ${name}`} />
        </span>
      ),
    },
  ];
  return <DataTable caption="Artifacts" columns={columns} rows={artifacts} keyOf={({ name }) => name} />;
}
