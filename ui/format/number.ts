// Numbers as people read them.

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const RATE = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 });

/** 41200 as `41,200`. */
export const count = (value: number): string => WHOLE.format(value);

/** Items a second: whole ones from 10 on, with two digits below. */
export const rate = (perSecond: number): string => (perSecond >= 10 ? WHOLE : RATE).format(perSecond);

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes in the largest unit that leaves a number of 1 or more. */
export function bytes(value: number): string {
  const size = Math.max(0, value);
  const power = Math.min(UNITS.length - 1, size < 1 ? 0 : Math.floor(Math.log2(size) / 10));
  return `${(power === 0 ? WHOLE : SHORT).format(size / 1024 ** power)} ${UNITS[power]}`;
}

/** `1 job`, `2 jobs`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
