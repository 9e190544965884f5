// Makes a token. Of the first one the page takes the secret itself: without it, it would be locked out.
import { type FormEvent, useState } from "react";
import type { Scope } from "../../../src/client/index.ts";
import { LIMITS } from "../../../src/domain/limits.ts";
import { setIssuedToken } from "../../data/issued-token.ts";
import { problemText } from "../../data/problem.ts";
import { KEYS, queries, server } from "../../data/server.ts";
import { signIn } from "../../data/session.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { controlClasses, Field } from "../../parts/field.tsx";

const SCOPES: readonly (readonly [scope: Scope, may: string])[] = [
  ["read", "look at jobs"],
  ["operate", "submit and steer jobs too"],
  ["admin", "do everything"],
];
const DAY_MS = 86_400_000;

interface TokenDialogProps {
  /** From the first one on, every caller needs one. */
  readonly isFirst: boolean;
  readonly onClose: () => void;
}

export function TokenDialog({ isFirst, onClose }: TokenDialogProps) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>(isFirst ? "admin" : "operate");
  const [days, setDays] = useState("");
  const [problem, setProblem] = useState<string>();
  const make = async (event: FormEvent) => {
    event.preventDefault();
    setProblem(undefined);
    try {
      const expiresInMs = days === "" ? null : Number(days) * DAY_MS;
      const issued = await server.access.createToken({ name: name.trim(), scope, expiresInMs });
      setIssuedToken(issued);
      onClose();
      if (isFirst) await signIn(issued.token);
      else await queries.invalidateQueries({ queryKey: KEYS.tokens });
    } catch (error) {
      setProblem(problemText(error));
    }
  };

  return (
    <Dialog title="New token" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void make(event)}>
        {isFirst && (
          <p className="m-0 rounded border border-paused bg-paused-tint p-3 text-paused text-sm">
            It is the first one: from then on every caller needs a token. This page signs in with it.
          </p>
        )}
        <Field label="Name" hint="Whom history and audit name." required mistake={problem}>
          {(attributes) => (
            <input
              {...attributes}
              required
              className={controlClasses}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="May">
          {(attributes) => (
            <select
              {...attributes}
              className={controlClasses}
              value={scope}
              onChange={(event) => setScope(SCOPES.find(([known]) => known === event.target.value)?.[0] ?? "read")}
            >
              {SCOPES.map(([known, may]) => (
                <option key={known} value={known}>
                  {known}: {may}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Ends after days" hint="Empty: it is valid until it is revoked.">
          {(attributes) => (
            <input
              {...attributes}
              type="number"
              min={1}
              max={LIMITS.tokenMs / DAY_MS}
              className={controlClasses}
              value={days}
              onChange={(event) => setDays(event.target.value)}
            />
          )}
        </Field>
        <div className="flex gap-2">
          <Button type="submit" look="primary">
            Make the token
          </Button>
          <Button look="quiet" onClick={onClose}>
            Leave it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
