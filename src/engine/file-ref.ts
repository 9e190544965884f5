// How an input schema says "the id of a stored file": callers and forms upload a file there, and the engine keeps the file
// for as long as the job that names it.
import * as z from "zod";

/** The `format` of such a field in the JSON Schema of an input. */
export const FILE_ID_FORMAT = "file-id";

/**
 * A field of an input that names an uploaded file. Open it with `job.openFile`, or read it with `csvRecords`.
 *
 * @example
 * input: z.object({ file: fileRef() })
 */
export function fileRef(): z.ZodUUID {
  return z
    .uuid({ error: "must be the id of an uploaded file" })
    .meta({ format: FILE_ID_FORMAT, title: "File", description: "The id of an uploaded file." });
}
