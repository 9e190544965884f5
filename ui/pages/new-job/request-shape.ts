// What can be said of a job besides its input: drawn as a form like the input itself.
import type { JobTypeInfo, Json } from "../../../src/client/index.ts";
import { LIMITS } from "../../../src/domain/limits.ts";
import type { GroupDraft } from "./draft.ts";
import { type GroupField, type Shape, shapeOf } from "./shape.ts";

type Group = Extract<Shape, { kind: "group" }>;

function optionsSchema({ defaults }: JobTypeInfo): Json {
  const { queue, maxAttempts, timeoutMs } = defaults;
  return {
    type: "object",
    additionalProperties: false,
    properties: {
      key: {
        type: "string",
        title: "Key",
        description: "A name of your choice for it. No two unfinished jobs have the same.",
        maxLength: LIMITS.keyLength,
      },
      queue: { type: "string", title: "Queue", default: queue, maxLength: LIMITS.queueLength },
      priority: {
        type: "integer",
        title: "Priority",
        description: "Higher ones start first.",
        default: 0,
        minimum: -LIMITS.priority,
        maximum: LIMITS.priority,
      },
      availableAt: { type: "string", format: "date-time", title: "Start at", description: "Not before. Default: now." },
      maxAttempts: {
        type: "integer",
        title: "Attempts",
        description: "How often it is tried before it counts as failed.",
        default: maxAttempts,
        minimum: 1,
        maximum: LIMITS.maxAttempts,
      },
      timeoutMs: {
        type: "integer",
        title: "Timeout of an attempt",
        description: "In milliseconds.",
        ...(timeoutMs === null ? {} : { default: timeoutMs }),
        minimum: 1,
        maximum: LIMITS.timeoutMs,
      },
      labels: {
        type: "object",
        title: "Labels",
        description: "Names and values to find it by.",
        additionalProperties: { type: "string", maxLength: LIMITS.labelValueLength },
      },
    },
  };
}

/** The request to run a job of this type: its input, and the options beside it. */
export function requestShape(type: JobTypeInfo): Group {
  const options = shapeOf(optionsSchema(type));
  const input: GroupField = { name: "input", isRequired: true, shape: inputShape(type) };
  if (options.kind !== "group") throw new TypeError("The options are a group.");
  return { ...options, fields: [input, ...options.fields] };
}

export function inputShape({ input }: JobTypeInfo): Shape {
  const shape = shapeOf(input);
  // A type whose schema is not known takes any JSON.
  return shape.kind === "json" ? { ...shape, title: shape.title ?? "Input", example: shape.example ?? "{}" } : shape;
}

/** The input alone as JSON text. */
const AS_JSON: Shape = {
  kind: "json",
  isSecret: false,
  title: "Input",
  description: "The whole input, as JSON.",
  example: "{}",
  standard: undefined,
  canBeNull: false,
};

/** The same request, with the input as JSON text. */
export const withJsonInput = (shape: Group): Group => ({
  ...shape,
  fields: shape.fields.map((field) => (field.name === "input" ? { ...field, shape: AS_JSON } : field)),
});

/** The fields of the options; the input is not one of them. */
export const optionFields = (shape: Group): readonly GroupField[] =>
  shape.fields.filter(({ name }) => name !== "input");

export const inputField = (shape: Group): GroupField | undefined => shape.fields.find(({ name }) => name === "input");

/** Whether anything is said in the options. */
export const hasOptions = ({ members }: GroupDraft): boolean =>
  [...members].some(
    ([name, draft]) =>
      name !== "input" &&
      (typeof draft === "string" ? draft !== "" : draft.kind === "list" && draft.entries.length > 0),
  );
