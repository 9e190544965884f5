// The request as it will be sent: as JSON, and as a command for a shell.
import type { Json } from "../../../src/client/index.ts";

export interface LocalFile {
  /** The field of the input that names it. */
  readonly field: string;
  readonly name: string;
}

export interface CurlRequest {
  readonly origin: string;
  readonly request: Json;
  /** Files of this computer: the command uploads them again, with the job. */
  readonly files: readonly LocalFile[];
  readonly isSignedIn: boolean;
}

export function curlText({ origin, request, files, isSignedIn }: CurlRequest): string {
  const lines = [`curl ${shell(`${origin}/api/v1/jobs`)}`];
  if (isSignedIn) lines.push('-H "Authorization: Bearer $PAWL_TOKEN"');
  if (files.length === 0) {
    lines.push("-H 'Content-Type: application/json'", `-d ${shell(JSON.stringify(request))}`);
  } else {
    // The server reads the job before the files.
    lines.push(`-F ${shell(`job=${formText(JSON.stringify(request))}`)}`);
    for (const { field, name } of files) lines.push(`-F ${shell(`${field}=@${formText(name)}`)}`);
  }
  return lines.join(" \\\n  ");
}

/** One word of a POSIX shell. */
const shell = (text: string): string => (/^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A value of a form as curl reads it: in quotes nothing in it has a meaning. */
const formText = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
