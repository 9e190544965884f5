// What exists on the server, as far as replies told: so that generated requests can name it.

export interface KnownThings {
  add(kind: string, name: string): void;
  /** Takes what a successful reply of an operation tells. */
  learn(operationId: string, body: string): void;
  /** Replaces marks such as `{{job:7}}` by names. */
  fill(text: string): string;
}

/** Which member of an operation's reply names what. */
const TOLD: Readonly<Record<string, readonly (readonly [member: string, kind: string])[]>> = {
  submitJob: [["id", "job"]],
  editJob: [["id", "job"]],
  retryJob: [["id", "job"]],
  rollbackJob: [["id", "job"]],
  earlier2UploadCsv: [["Job ID", "task-key"]],
  earlier2CreateBulkTeam: [["Job ID", "task-key"]],
  earlier2ExportData: [["Job ID", "task-key"]],
  earlier3Submit: [["jobID", "haltable"]],
  earlier4CreateJob: [["id", "pooled"]],
  earlier5CreateTask: [["id", "task"]],
  uploadFile: [["id", "file"]],
  createToken: [["id", "token"]],
  createSchedule: [["name", "schedule"]],
};

const NEWEST = 5;

export function createKnownThings(): KnownThings {
  const known = new Map<string, string[]>();

  function add(kind: string, name: string): void {
    const names = known.get(kind) ?? [];
    known.set(kind, names);
    names.push(name);
  }

  /** Mostly one of the newest: those that are old have mostly ended. */
  function pick(kind: string, n: number): string {
    const names = known.get(kind) ?? [];
    const among = n % 4 === 0 ? names.length : Math.min(names.length, NEWEST);
    return names.at(-1 - (n % Math.max(1, among))) ?? "nothing";
  }

  return {
    add,
    learn(operationId, body) {
      for (const [member, kind] of TOLD[operationId] ?? []) {
        const name = Object(JSON.parse(body))[member];
        if (typeof name === "string") add(kind, name);
      }
    },
    fill: (text) =>
      text.replaceAll(/\{\{([a-z-]+):(\d+)\}\}/g, (_all, kind: string, n: string) => pick(kind, Number(n))),
  };
}
