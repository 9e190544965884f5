// The connection on which leases are renewed. It leads straight to the server and holds a session lock, by which others see
// that this process lives; where that address does not work, it leads through another one, without a lock, until it does.
// Invariant: an address that does not answer is waited for once, for less than a lease takes to run down.
import { randomInt } from "node:crypto";
import { type DirectConnection, openDirect } from "./direct-connection.ts";
import type { FromThread, LeaseThreadOptions } from "./lease-protocol.ts";
import * as sql from "./queries/workers.ts";

export interface LeaseConnection {
  readonly direct: DirectConnection;
  /** Of the session lock, `null` without one. */
  readonly lockKey: string | null;
}

export interface LeaseRoads {
  /** Opens a connection where there is none. Rejects when no address works. */
  connection(): Promise<LeaseConnection>;
  /** The connection failed: whether the next one takes another road. */
  avoid(error: unknown): boolean;
}

export interface LeaseRoadsOptions
  extends Pick<LeaseThreadOptions, "url" | "otherUrl" | "schema" | "schemaId" | "lock"> {
  /** How long connecting may take, and each statement. */
  readonly deadlineMs: number;
  readonly post: (message: FromThread) => void;
  /** Another connection is to be used: the last one is gone, or there is a better one. */
  readonly onChange: () => void;
}

const KEYS = 2 ** 47;

export function createLeaseRoads(options: LeaseRoadsOptions): LeaseRoads {
  const { url, otherUrl, schema, schemaId, lock, deadlineMs, post, onChange } = options;
  let present: LeaseConnection | null = null;
  /** Over `url`, to be used from the next time on. */
  let regained: LeaseConnection | null = null;
  let isDetour = false;
  let isSeeking = false;

  async function open(address: string, withLock: boolean): Promise<LeaseConnection> {
    let connection: LeaseConnection | null = null;
    const onEnd = () => {
      if (connection) lose(connection);
    };
    const direct = await openDirect({ url: address, schema, schemaId, name: "pawl leases", deadlineMs, onEnd });
    const lockKey = withLock && direct.isDirect ? String(randomInt(1, KEYS)) : null;
    if (lockKey !== null) await direct.run(sql.lockSession, lockKey);
    connection = { direct, lockKey };
    return connection;
  }

  function lose(lost: LeaseConnection): void {
    if (regained === lost) regained = null;
    if (present !== lost) return;
    present = null;
    if (lost.lockKey !== null) post({ kind: "sessionLost", lockKey: lost.lockKey });
    // Others count the seconds in which nobody holds the lock.
    onChange();
  }

  function avoid(error: unknown): boolean {
    if (otherUrl === null || isDetour) return false;
    isDetour = true;
    post({ kind: "rerouted", why: error instanceof Error ? error.message : String(error) });
    return true;
  }

  function goBack(connection: LeaseConnection): void {
    present?.direct.close();
    present = connection;
    regained = null;
    isDetour = false;
    post({ kind: "rerouted", why: null });
  }

  /** Looks whether `url` works again. */
  async function seek(): Promise<void> {
    isSeeking = true;
    try {
      regained = await open(url, lock);
      onChange();
    } catch {
      // The next renewal looks again.
    } finally {
      isSeeking = false;
    }
  }

  async function openPresent(): Promise<LeaseConnection> {
    if (otherUrl !== null && isDetour) return open(otherUrl, false);
    try {
      return await open(url, lock);
    } catch (error) {
      if (otherUrl === null || !avoid(error)) throw error;
      return open(otherUrl, false);
    }
  }

  return {
    async connection() {
      if (regained) goBack(regained);
      if (isDetour && !isSeeking) void seek();
      present ??= await openPresent();
      return present;
    },
    avoid,
  };
}
