// Whether a caller may do something.
import { type Caller, includes, type Scope } from "../../domain/access.ts";
import { PawlError } from "../../domain/errors.ts";

/** Throws `forbidden` unless the caller holds `needed`. `what` begins the message: "Deleting a job". */
export function checkScope(caller: Caller, needed: Scope, what: string): void {
  if (includes(caller.scope, needed)) return;
  throw new PawlError(
    "forbidden",
    `${what} needs a token of the scope ${needed}; "${caller.name}" has ${caller.scope}. Ask an admin for another token.`,
  );
}
