// Builds the dashboard into dist/ui, from where the server serves it under /ui/. Nothing is inlined: the pages' content
// security policy allows neither inline scripts nor data: fonts.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUT = fileURLToPath(new URL("../dist/ui", import.meta.url));
const LICENSES = "licenses.md";
const TEXT = /\.(?:css|html|js|svg)$/;

/** Each text also as it goes over the network, so that the server compresses nothing while it has jobs to run. */
const compressed = (): Plugin => ({
  name: "compressed",
  writeBundle() {
    for (const name of readdirSync(OUT, { recursive: true, encoding: "utf8" })) {
      if (!TEXT.test(name)) continue;
      const file = path.join(OUT, name);
      const text = readFileSync(file);
      writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
      writeFileSync(`${file}.br`, brotliCompressSync(text));
    }
  },
});

/** Vite lists what scripts import. Of Tailwind there are styles alone. */
const stylesLicense = (): Plugin => ({
  name: "styles-license",
  writeBundle() {
    const text = readFileSync(new URL("../node_modules/tailwindcss/LICENSE", import.meta.url), "utf8");
    appendFileSync(path.join(OUT, LICENSES), `\n## tailwindcss (MIT)\n\n${text}`);
  },
});

// biome-ignore lint/style/noDefaultExport: vite asks for it.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/ui/",
  plugins: [react(), tailwindcss(), compressed(), stylesLicense()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: LICENSES },
    target: "es2023",
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
