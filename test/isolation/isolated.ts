// The handlers, each attempt in a process of its own.
import { ownProcess } from "../../src/isolation/index.ts";
import { defineHandlers } from "./handlers.ts";

export const { everything, importRows, makeThings, fails, sleeps, counts, swallows } = defineHandlers(
  ownProcess(import.meta.url),
);
