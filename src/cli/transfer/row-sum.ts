// Counts rows, or files, and adds their digests up: two sides that hold the same come to the same sum, in whatever order.
import { hash } from "node:crypto";

/** What is there, on one side. */
export interface RowSum {
  readonly rows: number;
  /** 32 hex digits. */
  readonly checksum: string;
}

export interface RowSummer {
  /** What `digestOfText` answers, or PostgreSQL in its place. */
  add(digest: string): void;
  sum(): RowSum;
}

const MODULUS = 1n << 128n;
const HEX_DIGITS = 32;

/** The first half of the SHA-256, in hex. */
export const digestOfText = (text: string): string => hash("sha256", text).slice(0, HEX_DIGITS);

export function createRowSummer(): RowSummer {
  let rows = 0;
  let total = 0n;
  return {
    add(digest) {
      rows += 1;
      total = (total + BigInt(`0x${digest}`)) % MODULUS;
    },
    sum: () => ({ rows, checksum: total.toString(16).padStart(HEX_DIGITS, "0") }),
  };
}

export const isSame = (a: RowSum, b: RowSum): boolean => a.rows === b.rows && a.checksum === b.checksum;
