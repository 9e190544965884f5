// How the text of a setting becomes its value: numbers, sizes, durations, addresses, names. Each refusal says what such a
// text looks like.
import { isIP } from "node:net";
import path from "node:path";
import { z } from "zod";
import { LIMITS } from "../domain/limits.ts";
import type { DatabasePlace } from "./database-place.ts";
import { parseDuration, parseKeep } from "./durations.ts";

export const integer = (from: number, to: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= from && Number(text) <= to, {
      error: `must be a whole number from ${from} to ${to}`,
    })
    .transform(Number);

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

export const bytes = parsed(parseBytes, "must be a size in bytes above 0, such as 500MB or 1GiB");
export const duration = parsed(parseDuration, "must be a duration such as 90s, 15m, 24h or 30d");
export const keep = parsed(
  parseKeep,
  "must be an age such as 30d, a number such as 10000, both with a comma between them (30d,10000), or forever",
);

const POSTGRES = /^postgres(ql)?:/i;
const POSTGRES_FORM = "postgres://user:password@host:5432/database";

/** Where the database is; a path is taken from where the program was started. */
export const database = z.string().transform((text, context): DatabasePlace => {
  const refuse = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  if (POSTGRES.test(text)) {
    return isPostgresUrl(text) ? { kind: "postgres", url: text } : refuse(`must look like ${POSTGRES_FORM}`);
  }
  const file = text.startsWith("sqlite:") ? text.slice("sqlite:".length) : text;
  if (/^[a-z][a-z0-9+.-]+:/i.test(file)) {
    return refuse("must be sqlite:<path>, the path of a file, or postgres://user:password@host/database");
  }
  if (file === "" || file.startsWith(":"))
    return refuse("must name a file, for jobs are kept on disk: write sqlite:<path>");
  return { kind: "sqlite", path: path.resolve(file) };
});

/** With a host and a database: what the driver would put in their place is the machine's own, and seldom meant. */
function isPostgresUrl(text: string): boolean {
  if (!POSTGRES.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, searchParams } = new URL(text);
  return (hostname !== "" || searchParams.has("host")) && pathname.length > 1;
}

/** The connections besides the pool: `off` for none, `null` for those of the database's own address. */
export const directUrl = z
  .string()
  .refine((text) => text === "" || text === "off" || isPostgresUrl(text), {
    error: `must look like ${POSTGRES_FORM}, or be off`,
  })
  .transform((text) => (text === "" ? null : text));

/** A schema of PostgreSQL. */
export const schemaName = z.string().refine((text) => /^[a-z_][a-z0-9_]{0,39}$/.test(text), {
  error: "must be 1 to 40 small letters, digits and _, not beginning with a digit",
});

const listOf = (text: string) => (text === "" ? [] : text.split(",").map((part) => part.trim().toLowerCase()));

/** Names of queues, `null` for all of them. */
export const queueNames = z
  .string()
  .transform((text) => (text === "" ? null : text.split(",").map((part) => part.trim())))
  .refine((names) => names?.every((name) => name.length > 0 && name.length <= LIMITS.queueLength) ?? true, {
    error: `must be names of queues, separated by commas, each of 1 to ${LIMITS.queueLength} characters`,
  });

const HOST_NAME = /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/i;

export const hostNames = z
  .string()
  .transform(listOf)
  .refine((names) => names.every((name) => HOST_NAME.test(name)), {
    error: "must be host names without port, separated by commas, such as pawl.example.com,build-7",
  });

/** What is listened on: an address of this machine, or all of them (0.0.0.0, ::). */
export const listenAddress = z.string().refine((text) => text === "localhost" || isIP(text) !== 0, {
  error: "must be an IP address, such as 127.0.0.1 or 0.0.0.0, or localhost",
});

function isNetwork(text: string): boolean {
  const [, address = "", bits = ""] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && !address.includes("%") && Number(bits) <= (version === 4 ? 32 : 128);
}

export const networks = z
  .string()
  .transform(listOf)
  .refine((parts) => parts.every(isNetwork), {
    error: "must be IP addresses or networks, separated by commas, such as 127.0.0.1,10.0.0.0/8",
  });

/** A column's name, `null` for none. */
export const columnName = z
  .string()
  .refine((text) => text.length <= 200 && !/\p{Cc}/u.test(text), {
    error: "must be the name of a column, at most 200 characters and none of them a control character",
  })
  .transform((text) => (text === "" ? null : text));

/** One of a few words. */
export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(", ")}` });
