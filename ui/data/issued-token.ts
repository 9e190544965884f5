// The secret of a token that was just made. It outlives the page that asked for it: the first token closes the server to this
// page too, and its secret is shown this once.
import { useSyncExternalStore } from "react";
import type { IssuedToken } from "../../src/client/index.ts";

let issued: IssuedToken | null = null;
const listeners = new Set<() => void>();

/** `null`: it was copied. */
export function setIssuedToken(token: IssuedToken | null): void {
  issued = token;
  for (const listener of listeners) listener();
}

export const useIssuedToken = (): IssuedToken | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => issued,
  );
