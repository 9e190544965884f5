// What the main thread and the lease thread say to each other. Times are the machine's monotonic clock, in ms.
import type { MessagePort } from "node:worker_threads";

export interface LeaseThreadOptions {
  readonly url: string;
  /** Leads to the same database, for as long as `url` does not; `null`: there is no other way. */
  readonly otherUrl: string | null;
  readonly schema: string;
  /** Tells the schema from others of its name. */
  readonly schemaId: string;
  readonly leaseMs: number;
  /** Whether the connection holds a session lock, by which others see that the process lives. */
  readonly lock: boolean;
  /** Whether to write to stderr what the main thread does not get to say. */
  readonly report: boolean;
}

/** What the thread is started with. */
export interface LeaseThreadData {
  readonly options: LeaseThreadOptions;
  readonly port: MessagePort;
}

export type ToThread =
  | { readonly kind: "keep"; readonly workerId: string }
  | { readonly kind: "drop"; readonly workerId: string }
  /** The event loop turns. */
  | { readonly kind: "alive" };

export type FromThread =
  /** It is connected, or has failed to: leases can be taken now. */
  | { readonly kind: "ready" }
  /** To be answered by `alive`. */
  | { readonly kind: "ping" }
  | {
      readonly kind: "renewed";
      readonly workerId: string;
      readonly sentAt: number;
      /** `queries.renew`'s. */
      readonly requests: unknown;
      /** Of the session lock, `null` without one. */
      readonly lockKey: string | null;
    }
  /** The database says that the lease has ended. */
  | { readonly kind: "lost"; readonly workerId: string }
  | { readonly kind: "sessionLost"; readonly lockKey: string }
  | { readonly kind: "failed"; readonly message: string }
  /** Leases are renewed through `otherUrl` from now on, because of this; `null`: through `url` again. */
  | { readonly kind: "rerouted"; readonly why: string | null }
  /** The event loop stood still for so long. */
  | { readonly kind: "blocked"; readonly ms: number; readonly letGo: boolean };
