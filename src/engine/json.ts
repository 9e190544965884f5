// The check of values that are to be stored; it lives in the domain, because sources need it too.
export { findNonJson } from "../domain/json.ts";
