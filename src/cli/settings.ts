// What can be set, as one table: the flag, the variable, the default, and how a text becomes a value. The help, the
// validation and the reference page (docs/reference/configuration.md, kept equal by a test) all come from it.
import path from "node:path";
import { z } from "zod";
import { LOG_LEVELS } from "../domain/history.ts";
import {
  bytes,
  columnName,
  database,
  directUrl,
  duration,
  hostNames,
  integer,
  keep,
  listenAddress,
  networks,
  oneOf,
  queueNames,
  schemaName,
} from "./setting-values.ts";

/** One thing that can be set. `text` is the default as a person would write it, "" for nothing. */
interface Setting<Schema extends z.ZodType> {
  readonly flag: string;
  readonly variable: string;
  readonly text: string;
  readonly description: string;
  readonly schema: Schema;
}

const setting = <Schema extends z.ZodType>(definition: Setting<Schema>) => definition;

const DAY_MS = 86_400_000;

/** Every setting, by the name that the code uses. */
export const SETTINGS = {
  host: setting({
    flag: "--host <address>",
    variable: "PAWL_HOST",
    text: "127.0.0.1",
    description:
      "Address to listen on. Beyond loopback the server only starts once a valid token exists, unless auth is off.",
    schema: listenAddress,
  }),
  port: setting({
    flag: "--port <number>",
    variable: "PAWL_PORT",
    text: "8080",
    description: "Port to listen on; 0 takes any free one and prints it.",
    schema: integer(0, 65_535),
  }),
  auth: setting({
    flag: "--auth <when>",
    variable: "PAWL_AUTH",
    text: "auto",
    description:
      "Whether callers need a token: on, off, or auto: beyond loopback, and everywhere as soon as a first token was made.",
    schema: oneOf(["auto", "on", "off"]),
  }),
  data: setting({
    flag: "--data <folder>",
    variable: "PAWL_DATA",
    text: "./pawl-data",
    description: "Folder for the database, uploads and artifacts. Created when missing; not used with PostgreSQL.",
    schema: z.string().transform((text) => path.resolve(text)),
  }),
  database: setting({
    flag: "--database <where>",
    variable: "PAWL_DATABASE",
    text: "sqlite:<data folder>/pawl.db",
    description:
      "Where jobs are kept: the path of a file, with or without sqlite: before it, or postgres://user:password@host/database.",
    schema: database,
  }),
  schema: setting({
    flag: "--schema <name>",
    variable: "PAWL_SCHEMA",
    text: "pawl",
    description: "PostgreSQL: the schema of all tables, created when missing; datasets and teams are in <name>_data.",
    schema: schemaName,
  }),
  connections: setting({
    flag: "--connections <number>",
    variable: "PAWL_CONNECTIONS",
    text: "10",
    description: "PostgreSQL: connections of the pool at most, 2 to 1,000.",
    schema: integer(2, 1_000),
  }),
  listenUrl: setting({
    flag: "--listen-url <where>",
    variable: "PAWL_LISTEN_URL",
    text: "",
    description:
      "PostgreSQL: where to listen and keep leases when --database leads to a pooler: the database's own address, or off.",
    schema: directUrl,
  }),
  leaseMs: setting({
    flag: "--lease-ms <milliseconds>",
    variable: "PAWL_LEASE_MS",
    text: "15000",
    description: "PostgreSQL: how long a worker that is not heard of keeps its jobs, 1,000 to 600,000.",
    schema: integer(1_000, 600_000),
  }),
  work: setting({
    flag: "--work <when>",
    variable: "PAWL_WORK",
    text: "on",
    description: "Whether a server runs jobs too: on, or off (or --no-work) where others do, with PostgreSQL.",
    schema: oneOf(["on", "off"]),
  }),
  queues: setting({
    flag: "--queues <names>",
    variable: "PAWL_QUEUES",
    text: "",
    description: "Queues, separated by commas, whose jobs this process runs. Default: all.",
    schema: queueNames,
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
  retainAudit: setting({
    flag: "--retain-audit <what>",
    variable: "PAWL_RETAIN_AUDIT",
    text: "365d,1000000",
    description: "How long entries of the audit are kept, how many at most, both, or forever.",
    schema: keep,
  }),
  maxUpload: setting({
    flag: "--max-upload <size>",
    variable: "PAWL_MAX_UPLOAD",
    text: "1GiB",
    description: "Largest file that can be uploaded, in bytes or with a unit: KB, MB, GB, KiB, MiB, GiB.",
    schema: bytes,
  }),
  uploadQuota: setting({
    flag: "--upload-quota <size>",
    variable: "PAWL_UPLOAD_QUOTA",
    text: "10GiB",
    description: "How much all uploaded files together may hold; an upload beyond it is refused with 507.",
    schema: bytes,
  }),
  rateLimit: setting({
    flag: "--rate-limit <number>",
    variable: "PAWL_RATE_LIMIT",
    text: "1000",
    description: "Requests a second that a token may make, 1 to 1,000,000; what is beyond is refused with 429.",
    schema: integer(1, 1_000_000),
  }),
  trustedProxies: setting({
    flag: "--trusted-proxies <addresses>",
    variable: "PAWL_TRUSTED_PROXIES",
    text: "",
    description:
      "Addresses or networks, separated by commas, of reverse proxies whose X-Forwarded headers are believed.",
    schema: networks,
  }),
  allowedHosts: setting({
    flag: "--allowed-hosts <names>",
    variable: "PAWL_ALLOWED_HOSTS",
    text: "",
    description:
      "Host names, separated by commas, by which browsers may address the server besides localhost and IP addresses.",
    schema: hostNames,
  }),
  compat: setting({
    flag: "--compat <when>",
    variable: "PAWL_COMPAT",
    text: "auto",
    description:
      "Whether the five earlier APIs are served: on, off (or --no-compat), or auto: at loopback only, and not with trusted proxies.",
    schema: oneOf(["auto", "on", "off"]),
  }),
  baselineDateColumn: setting({
    flag: "--baseline-date-column <name>",
    variable: "PAWL_BASELINE_DATE_COLUMN",
    text: "",
    description: "Column by whose dates the earlier APIs export the dataset baseline. Default: its first date column.",
    schema: columnName,
  }),
  simpleStepMs: setting({
    flag: "--simple-step-ms <milliseconds>",
    variable: "PAWL_SIMPLE_STEP_MS",
    text: "1000",
    description: "How long a step of a simple job takes, where its input does not say.",
    schema: integer(0, DAY_MS),
  }),
  dayMs: setting({
    flag: "--day-ms <milliseconds>",
    variable: "PAWL_DAY_MS",
    text: "100",
    description: "How long a day-export job takes for a day, where its input does not say.",
    schema: integer(0, DAY_MS),
  }),
  reverseDelayMs: setting({
    flag: "--reverse-delay-ms <milliseconds>",
    variable: "PAWL_REVERSE_DELAY_MS",
    text: "3000",
    description: "How long a reverse-text job takes, where its input does not say.",
    schema: integer(0, DAY_MS),
  }),
  reverseWorkers: setting({
    flag: "--reverse-workers <number>",
    variable: "PAWL_REVERSE_WORKERS",
    text: "3",
    description: "How many reverse-text jobs run at once, 1 to 10,000.",
    schema: integer(1, 10_000),
  }),
  fileTaskStepMs: setting({
    flag: "--file-task-step-ms <milliseconds>",
    variable: "PAWL_FILE_TASK_STEP_MS",
    text: "10000",
    description: "How long each of the two steps of a file-task job takes, where its input does not say.",
    schema: integer(0, DAY_MS),
  }),
  logLevel: setting({
    flag: "--log-level <level>",
    variable: "PAWL_LOG_LEVEL",
    text: "info",
    description: "Least important log lines to write: debug, info, warn or error.",
    schema: oneOf(LOG_LEVELS),
  }),
};

export type SettingName = keyof typeof SETTINGS;

/** Turns the texts of all settings into a configuration. */
export const configSchema = z.object({
  host: SETTINGS.host.schema,
  port: SETTINGS.port.schema,
  auth: SETTINGS.auth.schema,
  data: SETTINGS.data.schema,
  database: SETTINGS.database.schema,
  schema: SETTINGS.schema.schema,
  connections: SETTINGS.connections.schema,
  listenUrl: SETTINGS.listenUrl.schema,
  leaseMs: SETTINGS.leaseMs.schema,
  work: SETTINGS.work.schema,
  queues: SETTINGS.queues.schema,
  concurrency: SETTINGS.concurrency.schema,
  queueLimit: SETTINGS.queueLimit.schema,
  drainMs: SETTINGS.drainMs.schema,
  crashLimit: SETTINGS.crashLimit.schema,
  retainSucceeded: SETTINGS.retainSucceeded.schema,
  retainFailed: SETTINGS.retainFailed.schema,
  retainCancelled: SETTINGS.retainCancelled.schema,
  retainRolledBack: SETTINGS.retainRolledBack.schema,
  retainUploads: SETTINGS.retainUploads.schema,
  retainAudit: SETTINGS.retainAudit.schema,
  maxUpload: SETTINGS.maxUpload.schema,
  uploadQuota: SETTINGS.uploadQuota.schema,
  rateLimit: SETTINGS.rateLimit.schema,
  trustedProxies: SETTINGS.trustedProxies.schema,
  allowedHosts: SETTINGS.allowedHosts.schema,
  compat: SETTINGS.compat.schema,
  baselineDateColumn: SETTINGS.baselineDateColumn.schema,
  simpleStepMs: SETTINGS.simpleStepMs.schema,
  dayMs: SETTINGS.dayMs.schema,
  reverseDelayMs: SETTINGS.reverseDelayMs.schema,
  reverseWorkers: SETTINGS.reverseWorkers.schema,
  fileTaskStepMs: SETTINGS.fileTaskStepMs.schema,
  logLevel: SETTINGS.logLevel.schema,
});
