// Where jobs are kept, and how a person is told of it. Invariant: what is shown holds no password.

/** A file, whose path is absolute, or a PostgreSQL database. */
export type DatabasePlace =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/** What is wrongly set may still be secret, and messages end in logs. */
export const withoutPassword = (text: string): string =>
  text.replace(/\/\/.*@/, "//***@").replace(/([?&]password=)[^&]*/gi, "$1***");

/** As messages name it: the path, or the address without user and password. */
export function placeText(database: DatabasePlace): string {
  switch (database.kind) {
    case "sqlite":
      return database.path;
    case "postgres":
      return withoutPassword(database.url).replace("//***@", "//");
  }
}
