import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { type ConfigSources, parseConfig } from "../../src/cli/config.ts";
import { parseDuration, parseKeep } from "../../src/cli/durations.ts";
import { parseBytes } from "../../src/cli/setting-values.ts";
import { SETTINGS } from "../../src/cli/settings.ts";
import { PawlError } from "../../src/domain/errors.ts";

const parse = (sources: Partial<ConfigSources> = {}) =>
  parseConfig({ flags: {}, environment: {}, file: {}, ...sources });

/** What is wrong with the sources, line by line. */
function mistakes(sources: Partial<ConfigSources>): readonly string[] {
  try {
    parse(sources);
  } catch (error) {
    assert.ok(error instanceof PawlError);
    assert.equal(error.code, "invalid_config");
    return error.message.split("\n  ").slice(1);
  }
  return [];
}

const DAY_MS = 24 * 3_600_000;

test("nothing needs to be configured", () => {
  assert.deepEqual(parse(), {
    host: "127.0.0.1",
    port: 8080,
    auth: "auto",
    data: path.resolve("pawl-data"),
    database: { kind: "sqlite", path: path.resolve("pawl-data/pawl.db") },
    schema: "pawl",
    connections: 10,
    listenUrl: null,
    leaseMs: 15_000,
    work: "on",
    queues: null,
    concurrency: 100,
    queueLimit: 1_000_000,
    drainMs: 10_000,
    crashLimit: 5,
    retainSucceeded: { maxAgeMs: 30 * DAY_MS, maxCount: null },
    retainFailed: { maxAgeMs: 90 * DAY_MS, maxCount: null },
    retainCancelled: { maxAgeMs: 30 * DAY_MS, maxCount: null },
    retainRolledBack: { maxAgeMs: 30 * DAY_MS, maxCount: null },
    retainUploads: DAY_MS,
    retainAudit: { maxAgeMs: 365 * DAY_MS, maxCount: 1_000_000 },
    maxUpload: 2 ** 30,
    uploadQuota: 10 * 2 ** 30,
    rateLimit: 1_000,
    trustedProxies: [],
    allowedHosts: [],
    compat: "auto",
    baselineDateColumn: null,
    simpleStepMs: 1_000,
    dayMs: 100,
    reverseDelayMs: 3_000,
    reverseWorkers: 3,
    fileTaskStepMs: 10_000,
    logLevel: "info",
  });
});

test("a flag wins over the environment, the environment over the .env file, the file over the default", () => {
  const file = { PAWL_PORT: "1", PAWL_CONCURRENCY: "1", PAWL_LOG_LEVEL: "debug" };
  const environment = { PAWL_PORT: "2", PAWL_CONCURRENCY: "2" };
  const config = parse({ flags: { port: "3" }, environment, file });
  assert.deepEqual([config.port, config.concurrency, config.logLevel, config.drainMs], [3, 2, "debug", 10_000]);
});

test("an empty text counts as not set", () => {
  assert.equal(parse({ environment: { PAWL_PORT: "" }, file: { PAWL_PORT: "9000" } }).port, 9000);
});

test("the database lies in the data folder unless it is named", () => {
  const file = (file: string) => ({ kind: "sqlite", path: file });
  assert.deepEqual(parse({ flags: { data: "/srv/pawl" } }).database, file("/srv/pawl/pawl.db"));
  assert.deepEqual(parse({ environment: { PAWL_DATABASE: "sqlite:/srv/jobs.db" } }).database, file("/srv/jobs.db"));
  assert.deepEqual(parse({ environment: { PAWL_DATABASE: "jobs.db" } }).database, file(path.resolve("jobs.db")));
});

test("all mistakes are reported together, each by the name under which it was written", () => {
  const found = mistakes({
    flags: { port: "80a" },
    environment: { PAWL_CONCURRENCY: "0", PAWL_DRAIN_MS: "-1" },
    file: { PAWL_LOG_LEVEL: "loud" },
  });
  assert.deepEqual(found, [
    '--port must be a whole number from 0 to 65535; it is "80a"',
    'PAWL_CONCURRENCY must be a whole number from 1 to 10000; it is "0"',
    'PAWL_DRAIN_MS must be a whole number from 0 to 3600000; it is "-1"',
    'PAWL_LOG_LEVEL in .env must be one of debug, info, warn, error; it is "loud"',
  ]);
});

test("a variable that does not exist is a mistake, and the one that was meant is named", () => {
  assert.deepEqual(mistakes({ environment: { PAWL_PROT: "1" }, file: { PAWL_DATABSE: "x" } }), [
    "PAWL_PROT is not a setting of Pawl; did you mean PAWL_PORT?",
    "PAWL_DATABSE in .env is not a setting of Pawl; did you mean PAWL_DATABASE?",
  ]);
  assert.match(
    mistakes({ environment: { PAWL_COLOUR_SCHEME: "x" } })[0] ?? "",
    /the settings are PAWL_HOST, PAWL_PORT/,
  );
});

test("any IP address and localhost can be listened on, and a name cannot", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost", "0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1"])
    assert.equal(parse({ flags: { host } }).host, host);
  for (const host of ["example.com", "127.0.0.1.example.com", "127.1", "10.0.0.1:80", "[::1]", "*", "256.0.0.1"]) {
    assert.match(
      mistakes({ environment: { PAWL_HOST: host } })[0] ?? "",
      /^PAWL_HOST must be an IP address, .* or localhost; it is/,
      host,
    );
  }
});

test("whether callers need a token and whether the earlier APIs are served is on, off or auto", () => {
  for (const word of ["auto", "on", "off"] as const) {
    const { auth, compat } = parse({ environment: { PAWL_AUTH: word, PAWL_COMPAT: word } });
    assert.deepEqual([auth, compat], [word, word]);
  }
  assert.deepEqual(mistakes({ flags: { auth: "no" }, environment: { PAWL_COMPAT: "true" } }), [
    '--auth must be one of auto, on, off; it is "no"',
    'PAWL_COMPAT must be one of auto, on, off; it is "true"',
  ]);
});

test("trusted proxies are a list of addresses and networks", () => {
  const { trustedProxies } = parse({ environment: { PAWL_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8,FD00::/8,::1" } });
  assert.deepEqual(trustedProxies, ["127.0.0.1", "10.0.0.0/8", "fd00::/8", "::1"]);
  for (const text of [
    "proxy.example.com",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/",
    "127.0.0.1,",
    "loopback",
    "fe80::1%eth0",
  ])
    assert.match(mistakes({ environment: { PAWL_TRUSTED_PROXIES: text } })[0] ?? "", /IP addresses or networks/, text);
});

test("limits of callers and of uploads are set", () => {
  const { rateLimit, uploadQuota, retainAudit } = parse({
    environment: { PAWL_RATE_LIMIT: "50", PAWL_UPLOAD_QUOTA: "2GB", PAWL_RETAIN_AUDIT: "forever" },
  });
  assert.deepEqual([rateLimit, uploadQuota, retainAudit], [50, 2e9, { maxAgeMs: null, maxCount: null }]);
  const environment = { PAWL_RATE_LIMIT: "0", PAWL_UPLOAD_QUOTA: "much", PAWL_RETAIN_AUDIT: "long" };
  assert.deepEqual(
    mistakes({ environment }).map((line) =>
      line.replace(/^(\w+) must be (a whole number|a size|an age) .*$/, "$1: $2"),
    ),
    ["PAWL_RETAIN_AUDIT: an age", "PAWL_UPLOAD_QUOTA: a size", "PAWL_RATE_LIMIT: a whole number"],
  );
});

test("the timings of the job types that take their time are set", () => {
  const environment = {
    PAWL_SIMPLE_STEP_MS: "1",
    PAWL_DAY_MS: "2",
    PAWL_REVERSE_DELAY_MS: "3",
    PAWL_REVERSE_WORKERS: "4",
    PAWL_FILE_TASK_STEP_MS: "5",
  };
  const { simpleStepMs, dayMs, reverseDelayMs, reverseWorkers, fileTaskStepMs } = parse({ environment });
  assert.deepEqual([simpleStepMs, dayMs, reverseDelayMs, reverseWorkers, fileTaskStepMs], [1, 2, 3, 4, 5]);
  for (const variable of Object.keys(environment))
    assert.match(mistakes({ environment: { [variable]: "fast" } })[0] ?? "", /must be a whole number/, variable);
});

test("the date column of the earlier exports is the name of a column", () => {
  const columnOf = (name: string) => parse({ environment: { PAWL_BASELINE_DATE_COLUMN: name } }).baselineDateColumn;
  assert.equal(columnOf("visited on"), "visited on");
  for (const name of ["a\nb", "x".repeat(201)])
    assert.match(mistakes({ environment: { PAWL_BASELINE_DATE_COLUMN: name } })[0] ?? "", /name of a column/);
});

test("a PostgreSQL database is named by its address, and so is where to listen", () => {
  const url = "postgres://ann:secret@db:5432/jobs?sslmode=require";
  assert.deepEqual(parse({ environment: { PAWL_DATABASE: url } }).database, { kind: "postgres", url });
  const socket = "postgresql:///jobs?user=ann&host=/var/run/postgresql";
  assert.deepEqual(parse({ environment: { PAWL_DATABASE: socket } }).database, { kind: "postgres", url: socket });
  assert.equal(parse({ flags: { listenUrl: url } }).listenUrl, url);
  assert.equal(parse({ flags: { listenUrl: "off" } }).listenUrl, "off");
  assert.match(mistakes({ flags: { listenUrl: "db:5432" } })[0] ?? "", /^--listen-url must look like postgres:.*off;/);
});

test("an address of PostgreSQL that leads nowhere is refused, and its password is not repeated", () => {
  const [refused] = mistakes({ environment: { PAWL_DATABASE: "postgres://ann:se/c@ret@db" } });
  assert.equal(
    refused,
    'PAWL_DATABASE must look like postgres://user:password@host:5432/database; it is "postgres://***@db"',
  );
  for (const database of ["postgres:", "postgres:///", "postgresql://db/", "postgres://db:port/jobs"]) {
    assert.match(mistakes({ environment: { PAWL_DATABASE: database } })[0] ?? "", /must look like postgres:/, database);
  }
});

test("a schema, and the queues that are worked on, are names", () => {
  assert.equal(parse({ flags: { schema: "pawl_2" } }).schema, "pawl_2");
  for (const schema of ["2nd", "Pawl", "a-b", 'a"b', "x".repeat(41)]) {
    assert.match(mistakes({ flags: { schema } })[0] ?? "", /^--schema must be 1 to 40 small letters/, schema);
  }
  assert.deepEqual(parse({ flags: { queues: "mail, imports" } }).queues, ["mail", "imports"]);
  for (const queues of ["mail,", ",", " ", "x".repeat(1_000)]) {
    assert.match(mistakes({ flags: { queues } })[0] ?? "", /^--queues must be names of queues/, queues);
  }
});

test("a database that is neither is refused with what to write instead", () => {
  for (const database of ["mysql://x", "file:jobs.db", "sqlite:", ":memory:", "sqlite::memory:"]) {
    assert.match(mistakes({ environment: { PAWL_DATABASE: database } })[0] ?? "", /sqlite:<path>/, database);
  }
});

test("sizes take units", () => {
  const cases = {
    "1000": 1000,
    "1 kB": 1000,
    "500MB": 5e8,
    "1GiB": 2 ** 30,
    "1.5 MiB": 1.5 * 2 ** 20,
    "0": null,
    "-1": null,
    "5 TB": null,
    "": null,
  };
  for (const [text, bytes] of Object.entries(cases)) assert.equal(parseBytes(text), bytes, text);
});

test("durations take a unit", () => {
  const cases = {
    "90s": 90_000,
    "15m": 900_000,
    "24 h": DAY_MS,
    "30D": 30 * DAY_MS,
    "0d": null,
    "10": null,
    "1w": null,
  };
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms, text);
});

test("what is kept is an age, a number of jobs, both, or everything", () => {
  const cases = {
    "30d": { maxAgeMs: 30 * DAY_MS, maxCount: null },
    "10000": { maxAgeMs: null, maxCount: 10_000 },
    "30d, 10000": { maxAgeMs: 30 * DAY_MS, maxCount: 10_000 },
    "10000,12h": { maxAgeMs: DAY_MS / 2, maxCount: 10_000 },
    "0": { maxAgeMs: null, maxCount: 0 },
    forever: { maxAgeMs: null, maxCount: null },
    "30d,1d": null,
    "1,2": null,
    "30d,": null,
    "-1": null,
    never: null,
  };
  for (const [text, kept] of Object.entries(cases)) assert.deepEqual(parseKeep(text), kept, text);
  const [refused] = mistakes({ environment: { PAWL_RETAIN_FAILED: "a month" } });
  assert.match(refused ?? "", /^PAWL_RETAIN_FAILED must be an age such as 30d, .* it is "a month"$/);
});

test("host names are given as a list without ports", () => {
  const { allowedHosts } = parse({ environment: { PAWL_ALLOWED_HOSTS: "Pawl.example.com, build-7" } });
  assert.deepEqual(allowedHosts, ["pawl.example.com", "build-7"]);
  for (const names of ["a:8080", "http://a", "a,,b", "*.example.com"]) {
    assert.match(mistakes({ environment: { PAWL_ALLOWED_HOSTS: names } })[0] ?? "", /without port/, names);
  }
});

test("every setting's default is a valid value of it", () => {
  for (const [name, { text }] of Object.entries(SETTINGS)) {
    if (name !== "database") assert.deepEqual(mistakes({ flags: { [name]: text } }), [], name);
  }
});
