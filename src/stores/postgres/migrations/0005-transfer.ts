// What `pawl migrate` brought into the schema, as long as nobody has worked with it.

export const CREATE_TRANSFER = `
  -- One row at most: it is there from the beginning of a move until a server, a worker or a command opens the schema.
  CREATE TABLE pawl.transfer (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    -- Of the move: another one that starts over has another.
    id text NOT NULL,
    source text NOT NULL,
    started_at bigint NOT NULL,
    done boolean NOT NULL
  );
`;
