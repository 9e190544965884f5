// What can be set, as one table: the flag, the variable, the default, and how a text becomes a value. The help, the
// validation and the reference page (docs/reference/configuration.md, kept equal by a test) all come from it.
import { BlockList, isIP } from "node:net";
import path from "node:path";
import { z } from "zod";
import { LOG_LEVELS } from "../domain/history.ts";
import { parseDuration, parseKeep } from "./durations.ts";

/** One thing that can be set. `text` is the default as a person would write it, "" for nothing. */
interface Setting<Schema extends z.ZodType> {
  readonly flag: string;
  readonly variable: string;
  readonly text: string;
  readonly description: string;
  readonly schema: Schema;
}

const setting = <Schema extends z.ZodType>(definition: Setting<Schema>) => definition;

const integer = (from: number, to: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= from && Number(text) <= to, {
      error: `must be a whole number from ${from} to ${to}`,
    })
    .transform(Number);

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  const version = isIP(host);
  return version !== 0 && loopback.check(host, version === 4 ? "ipv4" : "ipv6");
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** The bytes that `500MB` or `1 GiB` or `1000` stand for, `null` for any other text. */
export function parseBytes(text: string): number | null {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase() || "b"];
  const bytes = digits === "" || factor === undefined ? 0 : Math.floor(Number(digits) * factor);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

/** A text that `parse` can read; `message` says what such a text looks like. */
const parsed = <T>(parse: (text: string) => T | null, message: string) =>
  z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== null) return value;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const bytes = parsed(parseBytes, "must be a size in bytes above 0, such as 500MB or 1GiB");
const duration = parsed(parseDuration, "must be a duration such as 90s, 15m, 24h or 30d");
const keep = parsed(
  parseKeep,
  "must be an age such as 30d, a number of jobs, both with a comma between them (30d,10000), or forever",
);

/** Where the database is: a path of a file, absolute or from where the program was started. */
const database = z.string().transform((text, context) => {
  const refuse = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const file = text.startsWith("sqlite:") ? text.slice("sqlite:".length) : text;
  if (/^postgres(ql)?:/i.test(text)) return refuse("cannot be PostgreSQL yet; write sqlite:<path>, or leave it out");
  if (/^[a-z][a-z0-9+.-]+:/i.test(file)) return refuse("must be sqlite:<path> or the path of a file");
  if (file === "" || file.startsWith(":"))
    return refuse("must name a file, for jobs are kept on disk: write sqlite:<path>");
  return path.resolve(file);
});

const HOST_NAME = /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/i;

const hostNames = z
  .string()
  .transform((text) => (text === "" ? [] : text.split(",").map((name) => name.trim().toLowerCase())))
  .refine((names) => names.every((name) => HOST_NAME.test(name)), {
    error: "must be host names without port, separated by commas, such as pawl.example.com,build-7",
  });

/** Every setting, by the name that the code uses. */
export const SETTINGS = {
  host: setting({
    flag: "--host <address>",
    variable: "PAWL_HOST",
    text: "127.0.0.1",
    description: "Address to listen on. Only loopback addresses, because there is no access control yet.",
    schema: z.string().refine(isLoopback, {
      error:
        "must be a loopback address (127.0.0.1, ::1) or localhost: Pawl has no access control yet, so that it does not listen on a network",
    }),
  }),
  port: setting({
    flag: "--port <number>",
    variable: "PAWL_PORT",
    text: "8080",
    description: "Port to listen on; 0 takes any free one and prints it.",
    schema: integer(0, 65_535),
  }),
  data: setting({
    flag: "--data <folder>",
    variable: "PAWL_DATA",
    text: "./pawl-data",
    description: "Folder for the database, uploads and artifacts. Created when missing.",
    schema: z.string().transform((text) => path.resolve(text)),
  }),
  database: setting({
    flag: "--database <where>",
    variable: "PAWL_DATABASE",
    text: "sqlite:<data folder>/pawl.db",
    description: "File that jobs are kept in: a path, with or without sqlite: before it.",
    schema: database,
  }),
  concurrency: setting({
    flag: "--concurrency <number>",
    variable: "PAWL_CONCURRENCY",
    text: "100",
    description: "How many jobs run at once, 1 to 10,000.",
    schema: integer(1, 10_000),
  }),
  queueLimit: setting({
    flag: "--queue-limit <number>",
    variable: "PAWL_QUEUE_LIMIT",
    text: "1000000",
    description: "How many jobs may wait in one queue; a submit beyond it is refused with 429.",
    schema: integer(1, 1_000_000_000),
  }),
  drainMs: setting({
    flag: "--drain-ms <milliseconds>",
    variable: "PAWL_DRAIN_MS",
    text: "10000",
    description: "How long a stop waits at most for running jobs to reach a checkpoint.",
    schema: integer(0, 3_600_000),
  }),
  crashLimit: setting({
    flag: "--crash-limit <number>",
    variable: "PAWL_CRASH_LIMIT",
    text: "5",
    description: "At how many crashes without progress in between a job is given up, 1 to 1,000.",
    schema: integer(1, 1_000),
  }),
  retainSucceeded: setting({
    flag: "--retain-succeeded <what>",
    variable: "PAWL_RETAIN_SUCCEEDED",
    text: "30d",
    description: "How long succeeded jobs are kept (30d), how many at most (10000), both (30d,10000), or forever.",
    schema: keep,
  }),
  retainFailed: setting({
    flag: "--retain-failed <what>",
    variable: "PAWL_RETAIN_FAILED",
    text: "90d",
    description: "The same for failed jobs.",
    schema: keep,
  }),
  retainCancelled: setting({
    flag: "--retain-cancelled <what>",
    variable: "PAWL_RETAIN_CANCELLED",
    text: "30d",
    description: "The same for cancelled jobs.",
    schema: keep,
  }),
  retainRolledBack: setting({
    flag: "--retain-rolled-back <what>",
    variable: "PAWL_RETAIN_ROLLED_BACK",
    text: "30d",
    description: "The same for jobs that were rolled back.",
    schema: keep,
  }),
  retainUploads: setting({
    flag: "--retain-uploads <duration>",
    variable: "PAWL_RETAIN_UPLOADS",
    text: "24h",
    description: "How long an uploaded file is kept that no job has taken.",
    schema: duration,
  }),
  maxUpload: setting({
    flag: "--max-upload <size>",
    variable: "PAWL_MAX_UPLOAD",
    text: "1GiB",
    description: "Largest file that can be uploaded, in bytes or with a unit: KB, MB, GB, KiB, MiB, GiB.",
    schema: bytes,
  }),
  allowedHosts: setting({
    flag: "--allowed-hosts <names>",
    variable: "PAWL_ALLOWED_HOSTS",
    text: "",
    description:
      "Host names, separated by commas, by which browsers may address the server besides localhost and IP addresses.",
    schema: hostNames,
  }),
  logLevel: setting({
    flag: "--log-level <level>",
    variable: "PAWL_LOG_LEVEL",
    text: "info",
    description: "Least important log lines to write: debug, info, warn or error.",
    schema: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }),
  }),
};

export type SettingName = keyof typeof SETTINGS;

/** Turns the texts of all settings into a configuration. */
export const configSchema = z.object({
  host: SETTINGS.host.schema,
  port: SETTINGS.port.schema,
  data: SETTINGS.data.schema,
  database: SETTINGS.database.schema,
  concurrency: SETTINGS.concurrency.schema,
  queueLimit: SETTINGS.queueLimit.schema,
  drainMs: SETTINGS.drainMs.schema,
  crashLimit: SETTINGS.crashLimit.schema,
  retainSucceeded: SETTINGS.retainSucceeded.schema,
  retainFailed: SETTINGS.retainFailed.schema,
  retainCancelled: SETTINGS.retainCancelled.schema,
  retainRolledBack: SETTINGS.retainRolledBack.schema,
  retainUploads: SETTINGS.retainUploads.schema,
  maxUpload: SETTINGS.maxUpload.schema,
  allowedHosts: SETTINGS.allowedHosts.schema,
  logLevel: SETTINGS.logLevel.schema,
});
