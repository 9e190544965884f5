// Revokes a token, after it said what ends with it.
import type { Token } from "../../../src/client/index.ts";
import { KEYS, server } from "../../data/server.ts";
import { useSession } from "../../data/session.ts";
import { useChange } from "../../data/use-change.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";

export function RevokeDialog({
  token: { id, name },
  onClose,
}: {
  readonly token: Token;
  readonly onClose: () => void;
}) {
  const { run, isBusy, problem } = useChange(KEYS.tokens);
  const { data: session } = useSession();
  const isOwn = session?.signedIn === true && session.name === name;
  const revoke = async () => {
    if (await run(() => server.access.revokeToken(id), `The token ${name} is revoked.`)) onClose();
  };
  return (
    <Dialog title={`Revoke the token ${name}`} onClose={onClose}>
      <div className="flex flex-col gap-4 text-sm">
        {problem !== null && <ProblemNotice problem={problem} what="It was not revoked." />}
        <p className="m-0">
          Whoever calls with it is refused from now on; its sessions and live streams end. What it did stays in the
          audit.
          {isOwn && " You are signed in with it: this page asks for another one then."}
        </p>
        <div className="flex gap-2">
          <Button look="danger" disabled={isBusy} onClick={() => void revoke()}>
            Revoke the token
          </Button>
          <Button look="quiet" onClick={onClose}>
            Leave it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
