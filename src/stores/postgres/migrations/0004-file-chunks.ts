// The bytes of uploads and artifacts.

export const CREATE_FILE_CHUNKS = `
  -- A file that has bytes. Whoever writes into it, cuts it or deletes it locks this row first.
  CREATE TABLE pawl.file_bodies (
    id text COLLATE "C" PRIMARY KEY,
    -- Of the attempt that opened it last: an attempt of before cannot open it any more.
    token integer NOT NULL,
    -- One more each time it is opened: who opened it before cannot write into it any more.
    generation integer NOT NULL,
    size bigint NOT NULL,
    -- False as long as it is an upload that has not ended, or when its bytes are being deleted.
    readable boolean NOT NULL,
    modified_at bigint NOT NULL
  ) WITH (fillfactor = 80);

  -- Few: uploads that have not ended.
  CREATE INDEX file_bodies_unfinished ON pawl.file_bodies (id) WHERE NOT readable;

  -- In pieces of any length up to a limit, one after the other without gaps: each starts where the one before ends.
  CREATE TABLE pawl.file_chunks (
    file text COLLATE "C" NOT NULL REFERENCES pawl.file_bodies ON DELETE CASCADE,
    start bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (file, start)
  );
  -- Never compressed: much of it is already, and any part of a piece is read without reading what comes before.
  ALTER TABLE pawl.file_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
`;
