// Tokens and secrets as text: makes them, reads them, digests them. A secret is 256 random bits, so its plain digest is
// all that anybody has to keep.
import { hash, timingSafeEqual } from "node:crypto";

/** What stands in a token: `pawl_<id>_<secret>`. */
export interface TokenParts {
  readonly id: string;
  /** 64 hex digits. */
  readonly secret: string;
}

const TOKEN = /^pawl_(?<id>[0-9a-f]{12})_(?<secret>[0-9a-f]{64})$/;
const SECRET = /^[0-9a-f]{64}$/;
const ID_BYTES = 6;
const SECRET_BYTES = 32;

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const randomHex = (length: number): string => hexOf(crypto.getRandomValues(new Uint8Array(length)));

export const newTokenParts = (): TokenParts => ({ id: randomHex(ID_BYTES), secret: newSecret() });
export const newSecret = (): string => randomHex(SECRET_BYTES);

export const tokenText = ({ id, secret }: TokenParts): string => `pawl_${id}_${secret}`;

/** `null` for a text that is no token, whatever it is. */
export function readToken(text: string): TokenParts | null {
  const { id, secret } = TOKEN.exec(text)?.groups ?? {};
  return id === undefined || secret === undefined ? null : { id, secret };
}

export const isSecret = (text: string): boolean => SECRET.test(text);

/** SHA-256 of a secret, lower-case hex. At once: Web Crypto takes 40 us and a thread that files need, this takes 1 us. */
export const secretDigest = (secret: string): string => hash("sha256", secret, "hex");

/** Whether two digests are equal, in a time that does not tell where they differ. */
export function sameDigest(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
