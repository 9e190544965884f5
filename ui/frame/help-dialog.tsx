// All keys, and where they work.
import { ACTIONS } from "../../src/domain/lifecycle.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ACTION_VIEWS } from "../state/actions.ts";

type Key = readonly [key: string, what: string];

const STEER: readonly Key[] = ACTIONS.map((action) => [ACTION_VIEWS[action].key, ACTION_VIEWS[action].verb]);

const GROUPS: readonly { readonly where: string; readonly keys: readonly Key[] }[] = [
  {
    where: "Everywhere",
    keys: [
      ["/", "Search; Enter goes to the first job found"],
      ["g", "Overview"],
      ["l", "Jobs"],
      ["n", "New job"],
      ["?", "This help"],
      ["Esc", "Close what is open"],
    ],
  },
  {
    where: "In the list of jobs",
    keys: [
      ["j", "Next job"],
      ["k", "Previous job"],
      ["Enter", "Open the job"],
      ["Space", "Select the job, or let it go"],
      ["Esc", "Let all selected jobs go"],
    ],
  },
  { where: "On a job, and in the list on the job or all that are selected", keys: STEER },
];

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div className="flex flex-col gap-4">
        {GROUPS.map(({ where, keys }) => (
          <section key={where}>
            <h3 className="m-0 mb-2 font-medium text-muted text-xs">{where}</h3>
            <dl className="m-0 grid grid-cols-2 gap-x-6 gap-y-1.5 text-sm max-sm:grid-cols-1">
              {keys.map(([key, what]) => (
                <div key={key} className="grid grid-cols-[62px_1fr] items-baseline">
                  <dt>
                    <kbd className="inline-block min-w-7 rounded border border-line-strong bg-sunken px-1.5 text-center font-mono text-xs leading-5">
                      {key}
                    </kbd>
                  </dt>
                  <dd className="m-0">{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
