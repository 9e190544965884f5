// The tokens: who may call, and how much. A new one's secret is shown once.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Token } from "../../../src/client/index.ts";
import { KEYS, server } from "../../data/server.ts";
import { serverNow } from "../../data/server-time.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Command, EmptyState } from "../../parts/empty-state.tsx";
import { QueryView } from "../../parts/query-view.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { TokenDialog } from "./token-dialog.tsx";

export function Tokens() {
  const tokens = useQuery({ queryKey: KEYS.tokens, queryFn: () => server.access.tokens() });
  const [isOpen, setOpen] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const columns = [...COLUMNS, actionsColumn(setRevoking)];
  return (
    <section aria-labelledby="tokens" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="tokens" className="m-0 font-semibold text-base">
          Tokens
        </h2>
        <Button small onClick={() => setOpen(true)}>
          New token
        </Button>
      </div>
      <QueryView query={tokens} what="The tokens">
        {(items) =>
          items.length === 0 ? (
            <div className="panel">
              <EmptyState title="No token was made yet: whoever reaches this server may do everything.">
                <p className="m-0">The first one closes it. Make an admin's here, or in a shell:</p>
                <Command>pawl tokens create --name admin --scope admin</Command>
              </EmptyState>
            </div>
          ) : (
            <DataTable caption="Tokens, newest first" columns={columns} rows={items} keyOf={({ id }) => id} />
          )
        }
      </QueryView>
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
      {isOpen && <TokenDialog isFirst={tokens.data?.length === 0} onClose={() => setOpen(false)} />}
    </section>
  );
}

const hasEnded = ({ revokedAt, expiresAt }: Token): boolean =>
  revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= serverNow());

const actionsColumn = (onRevoke: (token: Token) => void): Column<Token> => ({
  name: "Actions",
  isActions: true,
  cell: (token) =>
    !hasEnded(token) && (
      <Button small aria-label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
        Revoke
      </Button>
    ),
});

const COLUMNS: readonly Column<Token>[] = [
  {
    name: "Token",
    isHead: true,
    cell: ({ name, id }) => (
      <>
        <span className="font-medium">{name}</span> <span className="font-mono text-muted text-xs">{id}</span>
      </>
    ),
  },
  { name: "May", cell: ({ scope }) => scope },
  {
    name: "Made",
    cell: ({ createdAt, createdBy }) => (
      <>
        <TimeText at={createdAt} /> <span className="text-muted text-xs">by {createdBy}</span>
      </>
    ),
  },
  {
    name: "Ends",
    cell: ({ expiresAt, revokedAt, revokedBy }) => {
      if (revokedAt !== null)
        return (
          <span className="text-muted">
            revoked <TimeText at={revokedAt} /> by {revokedBy}
          </span>
        );
      return expiresAt === null ? <span className="text-muted">not by itself</span> : <TimeText at={expiresAt} />;
    },
  },
  {
    name: "Last used",
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? <span className="text-muted">never</span> : <TimeText at={lastUsedAt} />,
  },
];
