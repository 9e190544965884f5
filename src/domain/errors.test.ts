import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import {
  actionNotAllowed,
  ERROR_CODES,
  invalidInput,
  keyTaken,
  PawlError,
  storageFull,
  storeUnavailable,
  unknownJobType,
} from "./errors.ts";

describe("an error", () => {
  it("has a code that the table knows, a message for people, and its cause", () => {
    const cause = new Error("ENOSPC");
    const error = storageFull("the database", cause);
    ok(error instanceof Error && error instanceof PawlError);
    deepEqual([error.name, error.code, error.cause], ["PawlError", "storage_full", cause]);
    match(error.message, /no space left to write the database\. Nothing was changed; free some space and try again\./);
    equal("cause" in storeUnavailable("The store is closed."), false);
  });

  it("of a refused action says where the job stands and what is possible", () => {
    const error = actionNotAllowed("resume", "j1", "succeeded", ["rollback"]);
    equal(error.message, "Job j1 is succeeded: resume is not possible. Possible now: rollback.");
    deepEqual([error.extras.state, error.extras.allowedActions], ["succeeded", ["rollback"]]);
    match(actionNotAllowed("delete", "j1", "running", []).message, /Possible now: nothing\./);
  });

  it("of a conflict names the holder", () => {
    const error = keyTaken("nightly", "j2");
    deepEqual([error.code, error.extras.holder], ["key_taken", "j2"]);
    match(error.message, /"nightly".*j2/);
  });

  it("of an input points at the place", () => {
    const error = invalidInput("csv-import", [
      { pointer: "/columns/0", message: "is empty" },
      { pointer: "", message: "is too large" },
    ]);
    match(error.message, /"csv-import": \/columns\/0 is empty; \/ is too large\./);
    equal(error.extras.errors?.length, 2);
  });

  it("of an unknown type lists the known ones", () => {
    match(unknownJobType("x", ["a", "b"]).message, /Known types: a, b\./);
    match(unknownJobType("x", []).message, /Known types: none\./);
  });
});

describe("the table of codes", () => {
  it("has an HTTP error status, an exit code and a title for each", () => {
    for (const [code, { status, exitCode, title }] of Object.entries(ERROR_CODES)) {
      ok(status >= 400 && status < 600, code);
      ok(exitCode > 0 && exitCode < 64, code);
      ok(title.length > 0 && !title.endsWith("."), code);
    }
  });
});
