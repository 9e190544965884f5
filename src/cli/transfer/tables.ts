// What is moved: every table of the two SQLite files, column by column, and how a value is written in PostgreSQL. A test
// compares this with the tables that there are, on both sides.
// Invariant: a column that is neither moved nor named as left behind does not exist.

/**
 * How a value of SQLite stands in PostgreSQL.
 * - `plain`: as it is. `flag`: 0 or 1, a boolean. `time`: an ISO text, a timestamp.
 * - `object`: JSON as text, a `jsonb`. `quoted`: a text, as JSON: it may hold what PostgreSQL's texts cannot.
 */
export type Kind = "plain" | "flag" | "time" | "object" | "quoted";

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  /** What it is in SQLite: an expression over a row of `MovedTable.source`. */
  readonly value: string;
}

export interface MovedTable {
  /** In PostgreSQL. */
  readonly name: string;
  /** In SQLite. */
  readonly source: string;
  /** The columns that tell rows apart, in the order of an index on both sides. */
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  /** Columns of the source that mean nothing in PostgreSQL. */
  readonly left: readonly string[];
  /** The column that PostgreSQL numbers by itself. */
  readonly numbered: string | null;
}

type KindOf = Readonly<Record<string, Kind>>;

interface Details {
  readonly source?: string;
  /** Columns that are not plain. */
  readonly kinds?: KindOf;
  /** Columns that are made of something else than the column of the same name. */
  readonly made?: Readonly<Record<string, string>>;
  readonly left?: readonly string[];
  readonly numbered?: string;
}

const quoted = (name: string): string => `"${name}"`;

function table(name: string, key: string, names: string, details: Details = {}): MovedTable {
  const { source = name, kinds = {}, made = {}, left = [], numbered = null } = details;
  const columns = names.split(" ").map((column) => ({
    name: column,
    kind: kinds[column] ?? "plain",
    value: made[column] ?? quoted(column),
  }));
  return { name, source, key: key.split(" "), columns, left, numbered };
}

/** Of `pawl.db`, in the order in which they are moved. */
export const JOB_TABLES: readonly MovedTable[] = [
  table(
    "jobs",
    "n",
    "n id type queue state phase run token attempt max_attempts crash_count event_seq log_seq seq priority worker_id " +
      "abandoned stalled can_rollback rollback_on_failure created_at available_at claimed_at started_at finished_at " +
      "saved_at running_ms timeout_ms key exclusive_group concurrency_key submitted_by labels secret_fields control " +
      "error progress artifacts cursor output input",
    {
      kinds: {
        abandoned: "flag",
        stalled: "flag",
        can_rollback: "flag",
        rollback_on_failure: "flag",
        control: "object",
      },
      made: {
        input: "coalesce(input, (SELECT l.input FROM large_inputs AS l WHERE l.job = jobs.n))",
        log_seq: "coalesce((SELECT max(l.seq) FROM logs AS l WHERE l.job = jobs.n), 0)",
      },
      // What PostgreSQL reads off available_at.
      left: ["ready"],
      numbered: "n",
    },
  ),
  table("labels", "label job", "label job"),
  table("history", "job seq", "job seq at attempt kind state phase actor reason request_id data"),
  table("logs", "job seq", "job seq at level message fields", { kinds: { message: "quoted" } }),
  // Nobody of before works any more: the jobs that they hold are settled as lost at the first start.
  table("workers", "id", "id host pid concurrency alive started_at seen_at expires_at", {
    kinds: { alive: "flag" },
    made: { alive: "0", expires_at: "0" },
    left: ["queues"],
  }),
  table("files", "id", "id job_id kind name media_type size sha256 created_at"),
  table("file_users", "file job_id", "file job_id"),
  table("queues", "name", "name paused_at paused_by pause_reason concurrency rate_max rate_per_ms"),
  table("starts", "queue at", "queue at jobs"),
  table("counts", "state type queue", "state type queue jobs", { source: "job_counts" }),
  table("minutes", "at", "at submitted started succeeded failed cancelled rolled_back rollback_failed"),
  table("steps", "ord", "ord job run phase name result", { numbered: "ord" }),
  table("journal", "job seq", "job seq entry"),
  table("journals", "job", "job last_seq size"),
  table("idempotency", "caller key", "caller key digest job_ids expires_at"),
  table("dedupe", "type key", "type key job_id opened_at ends_at"),
  table(
    "schedules",
    "name",
    "name cron time_zone type input queue priority labels overlap missed paused next_at last_job_id created_at " +
      "updated_at revision",
    { kinds: { paused: "flag" } },
  ),
  table("firings", "schedule fire_at", "schedule fire_at at outcome job_id message"),
  table("tokens", "n", "n id name scope digest created_at created_by expires_at revoked_at revoked_by last_used_at", {
    numbered: "n",
  }),
  table("sessions", "digest", "digest token_id expires_at"),
  table("audit", "seq", "seq at actor token_id address action target refused code reason count", {
    kinds: { refused: "flag" },
    numbered: "seq",
  }),
];

/** Tables of `pawl.db` that are moved with another one, or added up anew. */
export const JOB_TABLES_LEFT: readonly string[] = ["large_inputs", "uploaded"];

/** Of `data.db`. */
export const DATA_TABLES: readonly MovedTable[] = [
  table("dataset", "id", "id name columns types day_column", { numbered: "id" }),
  table("import", "id", "id dataset_id job_id run total rows bytes rejected finished at", {
    kinds: { finished: "flag", at: "time" },
    numbered: "id",
  }),
  table("row", "id", "id line day values"),
  table("rejected", "id", "id line column reason value fields"),
  table("team", "id", "id name job_id line at values", { kinds: { at: "time" }, numbered: "id" }),
  table("pawl_effects", "job_id run", "job_id run phase token seq cursor"),
];

/** The version of `data.db` that `DATA_TABLES` describes. */
export const DATA_VERSION = 2;

/** Tables that are no sign of anybody's work: who has only tried a schema out may still move into it. */
export const TRACES: readonly string[] = ["workers", "counts", "minutes"];
