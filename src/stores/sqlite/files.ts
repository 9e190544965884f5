// The file index (on the writer's thread).
// Invariant: an artifact counts only with its attempt's present worker and token.
import type { DatabaseSync } from "node:sqlite";
import { artifactsOf, changesOf, fileArguments, integerOf, textOf, textOrNull } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import { heldJob } from "./queries/attempts.ts";
import * as sql from "./queries/files.ts";

/** The file index. */
export function createFileWrites(db: DatabaseSync) {
  const held = db.prepare(heldJob);
  const insertFile = db.prepare(sql.insertFile);
  const replaceArtifact = db.prepare(sql.replaceArtifact);
  const setArtifacts = db.prepare(sql.setArtifacts);
  const removeFiles = db.prepare(sql.removeFiles);
  const uploadedBytes = db.prepare(sql.uploadedBytes);
  return {
    insertFile({ now }: Moment, fileText: string): string {
      insertFile.run(...fileArguments(fileText, now));
      return "";
    },
    /** Answers `1` when it did it. */
    insertUpload({ now }: Moment, fileText: string, maxBytes: number): string {
      const row = fileArguments(fileText, now);
      const [, , , , , size] = row;
      if (integerOf(uploadedBytes.get(), "bytes") + size > maxBytes) return "0";
      insertFile.run(...row);
      return "1";
    },
    /** Answers `[lost, replaced, changes]`. */
    insertArtifact({ now }: Moment, workerId: string, token: number, fileText: string): string {
      const row = fileArguments(fileText, now);
      const [fileId, jobId, , name, mediaType, size, sha256] = row;
      const job = held.get(jobId, workerId, token);
      if (job === undefined) return "[true,[],[]]";
      const replaced = replaceArtifact.all(jobId, name).map((file) => textOf(file, "id"));
      insertFile.run(...row);
      const others = artifactsOf(textOrNull(job, "artifacts")).filter((artifact) => artifact.name !== name);
      const all = JSON.stringify([...others, { name, size, sha256, mediaType, fileId }]);
      const changed = changesOf(setArtifacts.all(all, integerOf(job, "n")));
      return `[false,${JSON.stringify(replaced)},${changed}]`;
    },
    removeFiles(_: Moment, idsText: string): string {
      removeFiles.run(idsText);
      return "";
    },
  };
}
