// The secret of a token that was just made. It outlives the page that asked for it: the first token closes the server to this
// page too, and its secret is shown this once.
import type { IssuedToken } from "../../src/client/index.ts";
import { createSharedValue, useSharedValue } from "./shared-value.ts";

const issued = createSharedValue<IssuedToken | null>(null);

/** `null`: it was copied. */
export const setIssuedToken = (token: IssuedToken | null): void => issued.set(token);

export const useIssuedToken = (): IssuedToken | null => useSharedValue(issued);
