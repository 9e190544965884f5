// Files in a folder: the default file store.
export { createDirectoryFileStore, type DirectoryFileStoreOptions } from "./directory-file-store.ts";
