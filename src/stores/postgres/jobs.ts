// The job role: puts its parts together.
import type { JobStore } from "../../ports/store.ts";
import { createAttempts } from "./attempts.ts";
import { createClaims } from "./claims.ts";
import { createEdits } from "./edits.ts";
import { createInserting } from "./inserting.ts";
import { createLists } from "./lists.ts";
import { createMoves } from "./moves.ts";
import { createReads } from "./reads.ts";
import { createRemoval } from "./removal.ts";
import type { StoreServices } from "./store-services.ts";

export function createJobStore(services: StoreServices): JobStore {
  return {
    ...createInserting(services),
    ...createReads(services.database),
    ...createLists(services.database),
    ...createClaims(services),
    ...createAttempts(services),
    ...createMoves(services),
    ...createEdits(services),
    ...createRemoval(services),
  };
}
