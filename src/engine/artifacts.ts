// The files that an attempt makes. A file is cut back to its last checkpoint when the job goes on, so that what a handler
// writes after a batch stands in the file exactly once.
import type { FileAppender } from "../ports/file-store.ts";
import type { Attempt } from "./attempt.ts";
import type { ArtifactOptions, ArtifactWriter } from "./job-context.ts";
import type { AttemptFiles } from "./patient-files.ts";
import type { FilePlace } from "./position.ts";

export interface AttemptArtifacts {
  open(name: string, options?: ArtifactOptions): Promise<ArtifactWriter>;
  /** Notes how large each file is now, as part of the attempt's position. */
  capture(): void;
  /** Makes what was written durable, so that a checkpoint may speak of it. */
  sync(): Promise<void>;
  /** Ends every file that is still open: the handler has returned. */
  finish(): Promise<void>;
  /** Closes without ending: the job goes on later. */
  close(): Promise<void>;
}

interface OpenFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly appender: FileAppender;
  readonly writer: ArtifactWriter;
  readonly isFinished: () => boolean;
}

export interface ArtifactsOptions {
  readonly attempt: Attempt;
  readonly storedFiles: AttemptFiles;
}

export function createAttemptArtifacts(options: ArtifactsOptions): AttemptArtifacts {
  const { attempt, storedFiles } = options;
  const files = new Map<string, Promise<OpenFile>>();
  const opened: OpenFile[] = [];
  // A file may be called as a member that every object has.
  const fileNamed = (name: string): FilePlace | null => {
    const places = attempt.position.place.files;
    return Object.hasOwn(places, name) ? (places[name] ?? null) : null;
  };

  const openFile = async (
    name: string,
    { mediaType = "application/octet-stream" }: ArtifactOptions,
  ): Promise<OpenFile> => {
    checkName(name);
    const known = fileNamed(name);
    const place = known ?? { id: await storedFiles.newId(), size: 0, mediaType };
    // In the index from its first byte, so that it goes when the job goes, finished or not.
    if (!known) {
      const empty = { kind: "artifact", name, mediaType, size: 0, sha256: "" } as const;
      await storedFiles.insertFile({ ...empty, id: place.id, jobId: attempt.record.id });
    }
    const appender = await storedFiles.append(place.id, place.size);
    const named = { id: place.id, name, mediaType: place.mediaType, appender };
    const file: OpenFile = { ...named, ...createWriter(options, named) };
    opened.push(file);
    return file;
  };

  return {
    async open(name, artifactOptions = {}) {
      const file = files.get(name) ?? openFile(name, artifactOptions);
      files.set(name, file);
      return (await file).writer;
    },
    capture() {
      for (const { id, name, mediaType, appender } of opened) {
        if (fileNamed(name)?.size !== appender.size)
          attempt.position.setFile(name, { id, size: appender.size, mediaType });
      }
    },
    async sync() {
      for (const file of opened) if (!file.isFinished()) await file.appender.sync();
    },
    async finish() {
      for (const file of opened) await file.writer.finish();
    },
    async close() {
      for (const file of opened) await file.appender.close();
    },
  };
}

function checkName(name: string): void {
  if (
    name.length === 0 ||
    name.length > 255 ||
    name === "." ||
    name === ".." ||
    /[\u0000-\u001f\u007f/\\]/.test(name)
  ) {
    throw new TypeError(
      `"${name}" cannot be the name of an artifact: use 1 to 255 characters without slashes and control characters.`,
    );
  }
}

type NamedFile = Pick<OpenFile, "id" | "name" | "mediaType" | "appender">;

function createWriter(
  { attempt, storedFiles }: ArtifactsOptions,
  file: NamedFile,
): Pick<OpenFile, "writer" | "isFinished"> {
  let finished: Promise<{ size: number; sha256: string }> | null = null;
  /** The file may be another attempt's by now. */
  const refuseWithoutLease = () => {
    if (attempt.interruption?.cause === "lease_lost") throw attempt.interruption;
  };
  const end = async () => {
    refuseWithoutLease();
    const { size, sha256 } = await file.appender.finish();
    const { lost, replaced } = await storedFiles.insertArtifact(attempt.lease, {
      id: file.id,
      name: file.name,
      mediaType: file.mediaType,
      size,
      sha256,
    });
    if (lost) attempt.interrupt("lease_lost");
    refuseWithoutLease();
    await storedFiles.remove(replaced.filter((id) => id !== file.id));
    return { size, sha256 };
  };
  const writer: ArtifactWriter = {
    get size() {
      return file.appender.size;
    },
    async write(chunk) {
      if (finished) throw new TypeError(`The artifact "${file.name}" was finished; nothing can be added to it.`);
      refuseWithoutLease();
      await file.appender.write(chunk);
    },
    finish() {
      finished ??= end();
      return finished;
    },
  };
  return { writer, isFinished: () => finished !== null };
}
