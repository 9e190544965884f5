// Who looks at the page, and what they may do. Buttons follow it; the server decides.
import { useQuery } from "@tanstack/react-query";
import type { Scope } from "../../src/client/index.ts";
import { includes } from "../../src/domain/access.ts";
import { KEYS, queries, server } from "./server.ts";

export const useSession = () =>
  useQuery({ queryKey: KEYS.session, queryFn: () => server.access.session(), staleTime: 60_000 });

/** Whether whoever looks may do what needs `scope`. */
export function useMay(scope: Scope): boolean {
  const { data } = useSession();
  return data !== undefined && includes(data.scope, scope);
}

/** Rejects with `unauthenticated` when it is no valid token. */
export async function signIn(token: string): Promise<void> {
  await server.access.signIn(token);
  await queries.refetchQueries({ queryKey: KEYS.session });
  void queries.invalidateQueries();
}

export async function signOut(): Promise<void> {
  await server.access.signOut();
  queries.clear();
  location.assign("/ui/");
}
