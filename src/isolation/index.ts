// Job types whose attempts run in processes of their own.
export { type OwnProcessOptions, ownProcess } from "./own-process.ts";
