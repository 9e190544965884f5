// Who runs this program, for the audit.
import { userInfo } from "node:os";

/** The user's name, or `uid-<number>` where the system knows none, as in many containers. */
export function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}
