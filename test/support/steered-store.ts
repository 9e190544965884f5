// A PostgreSQL store that lives by a test's clock: the function that all processes of a schema ask for the time answers what
// a table says, and that is brought up to date before each call of the store.
import pg from "pg";
import type { Clock } from "../../src/ports/clock.ts";
import type { Store } from "../../src/ports/store.ts";

export interface SteeredTime {
  now(): number;
  /** Resolves when the database's time is the clock's. */
  follow(): Promise<void>;
  close(): Promise<void>;
}

export interface SteeredTimeOptions {
  readonly url: string;
  readonly schema: string;
  readonly clock: Clock;
}

/** Makes a schema, which is there already, live by `clock`. */
export async function createSteeredTime({ url, schema, clock }: SteeredTimeOptions): Promise<SteeredTime> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  let told = clock.now();
  await pool.query(`
    CREATE TABLE ${schema}.steered_clock (now bigint NOT NULL);
    INSERT INTO ${schema}.steered_clock VALUES (${Math.floor(told)});
    CREATE OR REPLACE FUNCTION ${schema}.now_ms() RETURNS bigint LANGUAGE sql VOLATILE
      AS 'SELECT now FROM ${schema}.steered_clock'`);
  let following: Promise<unknown> = Promise.resolve();
  return {
    now: () => clock.now(),
    async follow() {
      const now = clock.now();
      if (now !== told) {
        told = now;
        const tell = () => pool.query(`UPDATE ${schema}.steered_clock SET now = $1`, [Math.floor(now)]);
        following = following.then(tell);
      }
      await following;
    },
    close: () => pool.end(),
  };
}

/** Roles that are called, and answer later. */
const CALLED: ReadonlySet<string | symbol> = new Set<keyof Store>([
  "jobs",
  "leases",
  "history",
  "logs",
  "files",
  "steps",
  "journal",
  "queues",
  "schedules",
  "stats",
  "retention",
  "tokens",
  "sessions",
  "audit",
]);

/** A store whose calls are made at the test's time, and whose `ping` answers when all that was asked before is done. */
export function steer(store: Store, time: SteeredTime): Store {
  const asked = new Set<Promise<unknown>>();
  const follow = async (call: () => unknown) => {
    const answer = time.follow().then(call);
    asked.add(answer);
    try {
      return await answer;
    } finally {
      asked.delete(answer);
    }
  };
  const memberOf = (role: object, key: string | symbol) => {
    const member: unknown = Reflect.get(role, key);
    if (typeof member !== "function") return member;
    return (...given: readonly unknown[]) => follow(() => Reflect.apply(member, role, given));
  };
  const ping = async () => {
    await Promise.allSettled(asked);
    await store.ping();
  };
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (key === "ping") return ping;
      if (key === "now") return time.now;
      return CALLED.has(key) && typeof member === "object" && member !== null
        ? new Proxy(member, { get: memberOf })
        : member;
    },
  });
}
