// The `id` of a frame: which process sent it, where in its changes, and up to which log line. Opaque to readers, who hand
// it back as `Last-Event-ID`.

export interface EventPosition {
  readonly bootId: string;
  readonly position: number;
  /** Of a stream of one job: the last log line that was sent. */
  readonly logSeq: number | null;
}

export function formatEventId({ bootId, position, logSeq }: EventPosition): string {
  return logSeq === null ? `${bootId}-${position}` : `${bootId}-${position}.${logSeq}`;
}

/** `null` for what is no id of ours. */
export function parseEventId(text: string | undefined): EventPosition | null {
  const [, bootId, position, logSeq] = /^(\w{1,64})-(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text ?? "") ?? [];
  if (bootId === undefined || position === undefined) return null;
  return { bootId, position: Number(position), logSeq: logSeq === undefined ? null : Number(logSeq) };
}
