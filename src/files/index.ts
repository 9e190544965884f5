// Files in a folder: the default file store.
export { createDirectoryFileStore } from "./directory-file-store.ts";
