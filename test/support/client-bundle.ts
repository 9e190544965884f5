// The client as a page gets it: one module, made by the bundler that makes the dashboard.
import { fileURLToPath } from "node:url";
import { build } from "vite";

export interface ClientBundle {
  readonly code: string;
  /** The files that it is made of. */
  readonly files: readonly string[];
}

export async function bundleClient(): Promise<ClientBundle> {
  const entry = fileURLToPath(new URL("../../src/client/index.ts", import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, lib: { entry, formats: ["es"] }, minify: true },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => ("output" in one ? one.output : []));
  const [chunk] = outputs.filter((one) => one.type === "chunk");
  if (!chunk || outputs.length !== 1 || chunk.imports.length > 0) throw new Error("The client is not one module.");
  return { code: chunk.code, files: chunk.moduleIds };
}
