// Fields of inputs that several job types share, so that a dataset's name means the same everywhere.
import * as z from "zod";

export const datasetName = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, { error: "must be 1 to 64 letters, digits, _, - or ." })
    .meta({
      title: "Dataset",
      description: "Name of the dataset: 1 to 64 letters, digits, _, - or .",
      examples: ["contacts"],
    });

export const ratePerSecond = () =>
  z
    .number()
    .min(0.1)
    .max(1_000_000)
    .optional()
    .meta({ title: "Rows a second", description: "At most this many rows a second. Default: as fast as possible." });
