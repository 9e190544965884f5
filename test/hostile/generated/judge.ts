// Judges the reply to a generated request by the document alone: is there such a reply, and does it look like that?
import { problemSchema } from "../../../src/api/problem.ts";
import type { Described, Validate } from "./described.ts";
import type { GeneratedReply } from "./send.ts";

/** What is wrong with a reply; `null`: nothing. */
export type Judge = (operation: Described, reply: GeneratedReply) => string | null;

export interface JudgeOptions {
  readonly validate: Validate;
  /** What no reply may tell. */
  readonly secrets: readonly string[];
}

const PROBLEM = "application/problem+json";

export function createJudge({ validate, secrets }: JudgeOptions): Judge {
  function judgeBody({ responses }: Described, { status, headers, body }: GeneratedReply): string | null {
    const { content } = responses[String(status)] ?? {};
    if (!content) return body === "" ? null : "a body that the document does not have";
    const type = headers["content-type"] ?? "";
    const [described] = Object.entries(content).filter(([documented]) => sameType(documented, type, status));
    if (!described) return `the content type "${type}", which the document does not have`;
    const [mediaType, { schema, examples }] = described;
    if (!mediaType.endsWith("json")) return null;
    const value: unknown = JSON.parse(body);
    if (mediaType === PROBLEM) return judgeProblem(value, status, Object.keys(examples ?? {}));
    return validate(schema, value);
  }

  return (operation, reply) => {
    const { status, headers, body } = reply;
    if (status >= 500) return "an error of the server";
    if (!operation.responses[String(status)]) return "a status that the document does not have";
    if (headers["x-content-type-options"] !== "nosniff") return "no nosniff";
    const told = secrets.find((secret) => body.includes(secret));
    if (told !== undefined) return `it tells ${told}`;
    return reply.open ? null : judgeBody(operation, reply);
  };
}

/** A download has the type of its file: any, where the document has bytes. */
function sameType(documented: string, type: string, status: number): boolean {
  const plain = (text: string) => text.split(";", 1)[0]?.trim().toLowerCase();
  return plain(documented) === plain(type) || (documented === "application/octet-stream" && status < 300);
}

function judgeProblem(value: unknown, status: number, codes: readonly string[]): string | null {
  const problem = problemSchema.strict().safeParse(value);
  if (!problem.success) return `no problem details: ${problem.error.message}`;
  if (problem.data.status !== status) return `problem details of another status, ${problem.data.status}`;
  return codes.includes(problem.data.code) ? null : `the code ${problem.data.code}, which the document does not have`;
}
