// Durations, and what is to be kept, as a person writes them.
import type { Keep } from "../engine/pruner.ts";

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds that `90s`, `15m`, `24h` or `30d` stand for, `null` for any other text. */
export function parseDuration(text: string): number | null {
  const [, digits = "", unit = ""] = /^(\d{1,9})\s*([smhd])$/i.exec(text.trim()) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit.toLowerCase()] ?? 0);
  return Number.isSafeInteger(ms) && ms > 0 ? ms : null;
}

/**
 * What `30d`, `10000`, `30d,10000` or `forever` says of what to keep, `null` for any other text.
 *
 * @example
 * parseKeep("30d,10000"); // { maxAgeMs: 2_592_000_000, maxCount: 10_000 }
 */
export function parseKeep(text: string): Keep | null {
  if (text.trim().toLowerCase() === "forever") return { maxAgeMs: null, maxCount: null };
  const parts = text.split(",").map((part) => part.trim());
  const ages = parts.flatMap((part) => parseDuration(part) ?? []);
  const counts = parts.filter((part) => /^\d{1,9}$/.test(part)).map(Number);
  const isReadable = ages.length + counts.length === parts.length && ages.length <= 1 && counts.length <= 1;
  return isReadable ? { maxAgeMs: ages[0] ?? null, maxCount: counts[0] ?? null } : null;
}
