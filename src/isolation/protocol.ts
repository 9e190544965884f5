// What a process of an attempt and this process say to each other. Both ends are the same version of Pawl.
import { PawlError } from "../domain/errors.ts";
import type { StopCause } from "../domain/interruption.ts";
import type { JobRecord } from "../domain/job.ts";
import type { IsolatedCalls } from "../ports/isolation.ts";
import type { Settlement } from "../ports/store.ts";

/** The pipe that is open as long as the process that started this one lives. */
export const PARENT_PIPE = 4;

export interface Start {
  readonly record: JobRecord;
  readonly workerId: string;
  readonly module: string;
}

/** An error on its way: what a caller goes by. */
export interface ToldError {
  readonly message: string;
  readonly code: PawlError["code"] | null;
}

export type ToChild =
  | { readonly kind: "start"; readonly start: Start }
  | { readonly kind: "interrupt"; readonly cause: StopCause }
  | { readonly kind: "answer"; readonly call: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly call: number; readonly error: ToldError };

export type ToParent =
  | {
      readonly kind: "call";
      readonly call: number;
      readonly method: keyof IsolatedCalls;
      readonly args: readonly unknown[];
    }
  | { readonly kind: "end"; readonly settlement: Settlement }
  /** The attempt could not begin. */
  | { readonly kind: "unusable"; readonly message: string; readonly retryable: boolean };

/** What can travel of an error. */
export function toldError(error: unknown): ToldError {
  if (error instanceof PawlError) return { message: error.message, code: error.code };
  return { message: error instanceof Error ? error.message : String(error), code: null };
}

export function errorOf({ message, code }: ToldError): Error {
  return code === null ? new Error(message) : new PawlError(code, message);
}
