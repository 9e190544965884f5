// What can be asked of the selected jobs together.
import type { Action } from "../../../src/client/index.ts";
import { plural } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { ACTION_VIEWS } from "../../state/actions.ts";
import type { Selection } from "./bulk.ts";

interface BulkBarProps {
  readonly selection: Selection;
  /** Whether whoever looks may ask for an action. */
  readonly mayAsk: (action: Action) => boolean;
  readonly onSelectAll: () => void;
  readonly onClear: () => void;
  readonly onAsk: (action: Action) => void;
}

const BULK_ACTIONS = [
  "pause",
  "resume",
  "cancel",
  "retry",
  "rollback",
  "terminate",
] as const satisfies readonly Action[];

export function BulkBar({ selection, mayAsk, onSelectAll, onClear, onAsk }: BulkBarProps) {
  return (
    <section
      aria-label="Selected jobs"
      className="panel sticky bottom-4 z-20 flex flex-wrap items-center gap-2 border-line-strong px-4 py-3 shadow-lg max-sm:bottom-20 max-sm:px-3"
    >
      <span role="status" className="figures mr-2 font-medium text-sm">
        {selection.kind === "all" ? "All jobs that match" : `${plural(selection.ids.length, "job")} selected`}
      </span>
      {BULK_ACTIONS.filter(mayAsk).map((action) => (
        <Button key={action} small shortcut={ACTION_VIEWS[action].key} onClick={() => onAsk(action)}>
          {ACTION_VIEWS[action].verb}
        </Button>
      ))}
      <span className="flex gap-1 sm:ml-auto">
        {selection.kind === "some" && (
          <Button look="quiet" small onClick={onSelectAll}>
            Select all that match
          </Button>
        )}
        <Button look="quiet" small shortcut="Esc" onClick={onClear}>
          Clear
        </Button>
      </span>
    </section>
  );
}
