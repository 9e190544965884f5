// The files of a form. A file goes to the server as soon as it is chosen, so that the start of the job need not wait for
// it; one that is never used is removed by the server. Another file for the same field discards the first.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { server } from "../../data/server.ts";
import { type FileHead, localHead, storedHead } from "./file-head.ts";

export type FileState =
  | { readonly kind: "uploading"; readonly name: string; readonly size: number; readonly sent: number }
  /** `isOwn`: it came from this page, and not with another job's input. */
  | { readonly kind: "stored"; readonly name: string; readonly size: number; readonly isOwn: boolean }
  | { readonly kind: "failed"; readonly name: string; readonly size: number; readonly problem: unknown }
  /** The job that this was taken over from had one, and it is no longer there or cannot be read. */
  | { readonly kind: "lost"; readonly problem: unknown };

export interface FileView {
  readonly state: FileState;
  readonly head: FileHead | null;
}

export interface Files {
  /** By name of field. */
  readonly views: ReadonlyMap<string, FileView>;
  take(field: string, file: File): void;
  /** Sends a file again whose upload failed. */
  retry(field: string): void;
  remove(field: string): void;
}

interface UseFiles {
  /** Ids of stored files, by name of field, that are there from the beginning. */
  readonly takenOver: ReadonlyMap<string, string>;
  /** Hears the id of the field's file, or "" while there is none. */
  readonly onId: (field: string, id: string) => void;
}

export function useFiles({ takenOver, onId }: UseFiles): Files {
  const [views, setViews] = useState<ReadonlyMap<string, FileView>>(new Map());
  const running = useRef(new Map<string, AbortController>());
  const chosen = useRef(new Map<string, File>());
  const hear = useRef(onId);
  hear.current = onId;

  const set = useCallback((field: string, change: Partial<FileView>) => {
    setViews((present) => {
      const before = present.get(field);
      const state = change.state ?? before?.state;
      if (!state) return present;
      return new Map(present).set(field, { head: before?.head ?? null, ...change, state });
    });
  }, []);

  const begin = useCallback((field: string): AbortSignal => {
    running.current.get(field)?.abort();
    const own = new AbortController();
    running.current.set(field, own);
    return own.signal;
  }, []);

  const take = useCallback(
    (field: string, file: File) => {
      const signal = begin(field);
      chosen.current.set(field, file);
      hear.current(field, "");
      set(field, { state: { kind: "uploading", name: file.name, size: file.size, sent: 0 }, head: null });
      void upload(file, signal, (change) => {
        set(field, change);
        if (change.id !== undefined) hear.current(field, change.id);
      });
    },
    [begin, set],
  );

  const remove = useCallback((field: string) => {
    running.current.get(field)?.abort();
    chosen.current.delete(field);
    hear.current(field, "");
    setViews((present) => new Map([...present].filter(([name]) => name !== field)));
  }, []);

  const retry = useCallback(
    (field: string) => {
      const file = chosen.current.get(field);
      if (file) take(field, file);
    },
    [take],
  );

  useEffect(() => {
    const all = running.current;
    for (const [field, id] of takenOver) void recall(id, begin(field), (view) => set(field, view));
    return () => {
      for (const own of all.values()) own.abort();
    };
  }, [takenOver, begin, set]);

  return useMemo(() => ({ views, take, retry, remove }), [views, take, retry, remove]);
}

interface Change extends Partial<FileView> {
  readonly id?: string;
}

async function upload(file: File, signal: AbortSignal, tell: (change: Change) => void): Promise<void> {
  const { name, size } = file;
  try {
    tell({ head: await localHead(file) });
    if (signal.aborted) return;
    const onProgress = ({ sent }: { readonly sent: number }) => {
      if (!signal.aborted) tell({ state: { kind: "uploading", name, size, sent: Math.min(sent, size) } });
    };
    const { id } = await server.files.upload(file, { name, onProgress, signal });
    if (!signal.aborted) tell({ state: { kind: "stored", name, size, isOwn: true }, id });
  } catch (problem) {
    if (!signal.aborted) tell({ state: { kind: "failed", name, size, problem } });
  }
}

async function recall(id: string, signal: AbortSignal, tell: (view: FileView) => void): Promise<void> {
  try {
    const head = await storedHead(id, signal);
    if (signal.aborted) return;
    tell({ head, state: { kind: "stored", name: head.name, size: head.size, isOwn: false } });
  } catch (problem) {
    if (!signal.aborted) tell({ head: null, state: { kind: "lost", problem } });
  }
}
