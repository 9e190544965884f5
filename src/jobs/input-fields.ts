// Fields that the inputs of several job types share, so that a day, a line of text and a pause mean the same everywhere.
import * as z from "zod";
import { dayOf } from "./cell-types.ts";

const A_DAY_MS = 86_400_000;

/** A calendar day, YYYY-MM-DD. */
export const day = () =>
  z
    .string()
    .refine((value) => value.length === 10 && dayOf(value) !== null, { error: "must be a date, such as 2024-02-29" });

/** A line of text that can be shown on a terminal: nothing in it moves a cursor or ends the line. */
export const lineOfText = () =>
  z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, {
      error: "must not hold control characters, line ends or halves of characters",
    });

/** Milliseconds that a job lets pass, up to a day. */
export const pauseMs = (standardMs: number) => z.int().min(0).max(A_DAY_MS).default(standardMs);
