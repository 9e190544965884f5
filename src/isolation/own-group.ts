// Ends this process at once, with everything that it started: it leads a group of its own.
export function endOwnGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}
