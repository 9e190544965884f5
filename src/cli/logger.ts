// The program's own log: one JSON line an entry on stderr, so that stdout stays for what a person reads.
import { destination, pino, stdSerializers } from "pino";
import type { LogLevel } from "../domain/history.ts";
import type { Logger } from "../ports/logger.ts";

/** Creates the logger of a server. Lines are written at once: an exit or a kill loses none. */
export function createLogger(options: { readonly level: LogLevel }): Logger {
  const serializers = { err: stdSerializers.err, error: stdSerializers.err };
  const stream = destination({ dest: process.stderr.fd, sync: true });
  // A log that cannot be written, on a full disk or to a closed terminal, must not end the jobs that it tells of.
  stream.on("error", () => undefined);
  return pino(
    { level: options.level, base: null, serializers, timestamp: isoTime, formatters: { level: levelName } },
    stream,
  );
}

const isoTime = () => `,"time":"${new Date().toISOString()}"`;
const levelName = (label: string) => ({ level: label });
