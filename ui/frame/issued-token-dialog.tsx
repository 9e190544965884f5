// Shows the secret of a new token, this once, whatever becomes of the page below.
import { setIssuedToken, useIssuedToken } from "../data/issued-token.ts";
import { Button } from "../parts/button.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";

export function IssuedTokenDialog() {
  const issued = useIssuedToken();
  if (issued === null) return null;
  const close = () => setIssuedToken(null);
  return (
    <Dialog title={`The token ${issued.name}`} onClose={close}>
      <div className="flex flex-col gap-4 text-sm">
        <p className="m-0">This is its secret. It is shown this once and kept nowhere: copy it now.</p>
        <div className="flex items-center gap-2">
          <code className="min-w-0 flex-1 select-all break-all rounded border border-line bg-sunken px-3 py-2 font-mono text-xs">
            {issued.token}
          </code>
          <CopyButton text={issued.token} what="secret" />
        </div>
        <div>
          <Button look="primary" onClick={close}>
            I have copied it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
