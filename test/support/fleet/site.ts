// Where a fleet runs: machines that each reach the database over a line of their own, which can fail in silence.

/** A machine's line to the database, and the address at which callers reach the machine. */
export interface Machine {
  readonly name: string;
  /** The database's address, as this machine sees it. */
  readonly databaseUrl: string;
  /** The address that a server has to listen on there. */
  readonly host: string;
  /** What stands before the command that runs a program on this machine. */
  readonly prefix: readonly string[];
  /** From now on nothing passes between it and the database, and nobody is told. */
  partition(): Promise<void>;
  /** Ends that. What was on its way arrives late. */
  heal(): Promise<void>;
}

export interface Site {
  /** As the one who judges sees the database. */
  readonly databaseUrl: string;
  readonly machines: readonly Machine[];
  restartDatabase(): Promise<void>;
}

/** What ends with whoever makes it: a test, or a script. */
export interface Ending {
  after(end: () => unknown): void;
}
