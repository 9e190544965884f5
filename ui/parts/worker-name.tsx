// Who runs a job: host and process, or the worker's id where those are not known.
import { useWorkerName } from "../data/worker-names.ts";

export function WorkerName({ id }: { readonly id: string | null }) {
  const name = useWorkerName(id);
  if (id === null) return null;
  return (
    <span className="figures block truncate text-muted text-xs" title={`run by ${name ?? id}`}>
      <bdi>{name ?? id}</bdi>
    </span>
  );
}
