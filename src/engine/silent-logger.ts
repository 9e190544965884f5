// The logger of a program that did not bring one: a library must not write to anybody's terminal unasked.
import type { Logger } from "../ports/logger.ts";

const nothing = () => {};

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
