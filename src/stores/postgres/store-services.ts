// What every role of the store is given.
import type { Clock } from "../../ports/clock.ts";
import type { LocalNotifier } from "../sql/notifier.ts";
import type { Database } from "./database.ts";
import type { DatabaseTime } from "./database-time.ts";
import type { HeldBack } from "./held-back.ts";

export interface StoreServices {
  readonly database: Database;
  readonly schema: string;
  /** Tells the schema from others of its name in other databases. */
  readonly schemaId: string;
  readonly notifier: LocalNotifier;
  readonly heldBack: HeldBack;
  /** What stored times are compared with. */
  readonly time: DatabaseTime;
  /** For time that passes in this process only. Nothing that is stored comes from it. */
  readonly clock: Clock;
}
