// Checks the cursors that an author's function answers, as they come: a place that cannot be stored, or that two items
// share, would be found out only when a job goes on there, and then items are lost.
import { findNonJson, type Json } from "../domain/json.ts";

/** Answers the cursor. Throws a `TypeError` when a job could not go on behind it. */
type CursorCheck = (cursor: Json | undefined) => Json;

/** Checks cursors that come one after the other behind `start`; `source` is the function that the messages name. */
export function createCursorCheck(source: string, start: Json): CursorCheck {
  let before = JSON.stringify(start);
  return (cursor) => {
    if (cursor === undefined || cursor === null) {
      throw new TypeError(
        `${source}: \`cursorOf\` answered ${cursor} for an item, but that means the start. Answer what the next item comes after, such as this one's id.`,
      );
    }
    const wrong = findNonJson(cursor);
    if (wrong) {
      throw new TypeError(
        `${source}: the cursor ${shown(cursor)} cannot be kept${at(wrong.pointer)}: ${wrong.message}. Answer a string, a number or plain data from \`cursorOf\`.`,
      );
    }
    const text = JSON.stringify(cursor);
    if (text === before) {
      throw new TypeError(
        `${source}: the cursor ${text} came twice in a row. Give only what comes after the cursor, in an order in which no two items share one: add the id where they do.`,
      );
    }
    before = text;
    return cursor;
  };
}

const at = (pointer: string) => (pointer === "" ? "" : ` at ${pointer}`);

/** A cursor that is no JSON, for a message. Objects may throw when they are read. */
function shown(cursor: unknown): string {
  return typeof cursor === "object" ? "(an object)" : String(cursor);
}
