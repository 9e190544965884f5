// A connection of one's own, beside the pool: for what belongs to a session, and must not wait for others.
// Invariant: every statement has a deadline, and a connection on which one failed is given up, since nobody can know what
// became of it. It leads to the store itself, since elsewhere notices and renewals would be lost without a word. The end is
// told once, and never ends the process.
import { Socket } from "node:net";
import pg from "pg";
import { inSchema, type Session } from "./database.ts";
import { backend } from "./queries/notices.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";

export interface DirectConnection extends Session {
  /** The session stays the same: no pooler stands in between. */
  readonly isDirect: boolean;
  close(): void;
}

export interface DirectOptions {
  readonly url: string;
  readonly schema: string;
  /** Tells the schema from others of its name. */
  readonly schemaId: string;
  /** Shown by the server. */
  readonly name: string;
  /** How long connecting may take, and each statement. */
  readonly deadlineMs: number;
  readonly onNotification?: (payload: string) => void;
  /** It ended without being closed. */
  readonly onEnd: () => void;
}

/** Rejects when there is no connection within the deadline, or one that leads to another database or a standby. */
export async function openDirect(options: DirectOptions): Promise<DirectConnection> {
  const { url, schema, schemaId, deadlineMs, onNotification, onEnd } = options;
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    stream: () => socket,
    connectionTimeoutMillis: deadlineMs,
    query_timeout: deadlineMs,
    keepAlive: true,
    application_name: options.name,
  });
  let opened = false;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    client.end().catch(() => {});
    // What was written goes out; nobody waits for an answer of a server that may be gone.
    socket.destroySoon();
    if (opened) onEnd();
  };
  client.on("error", end);
  client.on("end", end);
  client.on("notification", ({ payload }) => {
    if (!ended && payload !== undefined) onNotification?.(payload);
  });
  // One after the other: the driver takes no second statement while one is under way.
  let last: Promise<unknown> = Promise.resolve();
  const session: Session = {
    run(statement, ...values) {
      const ask = async () => {
        try {
          return (await client.query({ text: inSchema(statement, schema), values: [...values] })).rows;
        } catch (error) {
          end();
          throw error;
        }
      };
      const answer = last.then(ask);
      last = answer.catch(() => {});
      return answer;
    },
  };
  try {
    await client.connect();
    const [row] = await session.run(backend).catch((error: unknown) => Promise.reject(explained(error, schema)));
    if (row?.id !== schemaId) throw otherStore(schema);
    if (row.standby === true) throw new Error("It leads to a standby, which nobody can write to.");
    opened = !ended;
    if (ended) throw new Error("The connection ended at once.");
    return {
      ...session,
      isDirect: "processID" in client && client.processID === row.pid,
      close() {
        opened = false;
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

const otherStore = (schema: string) =>
  new Error(`It leads to another database: what it calls the schema "${schema}" is not this store.`);

const explained = (error: unknown, schema: string) =>
  sqlStateOf(error) === SQL_STATE.noSuchTable ? otherStore(schema) : error;
