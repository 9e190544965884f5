// Bytes of files. All statements find a file by its id, the primary key, and its chunks by (file, start), theirs. Whoever
// changes chunks changes the file's own row first, in the same transaction, and so waits for others who do; nobody changes
// two files in one transaction but `removeSmall`, which is run again when it meets another one in a circle.
import { NOW } from "./fragments.ts";

/** Bytes in a chunk at most. */
export const CHUNK_BYTES = 262_144;
/** Files up to this size are deleted together, larger ones piece by piece. */
const SMALL_BYTES = 1_048_576;

// $1 id.
export const createBody = `
  INSERT INTO pawl.file_bodies (id, token, generation, size, readable, modified_at)
  VALUES ($1, 0, 1, 0, false, ${NOW})`;

// $1 id, $2 generation, $3 size, $4 bytes, which may be none, $5 whether the file is readable from now on. Answers nothing
// when the file is gone, or somebody else's, or has another size: a statement whose connection broke may run late, and then
// must not undo what a second try has written since.
export const writeChunk = `
  WITH body AS (
    UPDATE pawl.file_bodies
    SET size = $3::bigint + length($4::bytea), readable = readable OR $5::boolean, modified_at = ${NOW}
    WHERE id = $1 AND generation = $2::integer AND size = $3::bigint
    RETURNING id
  ), chunk AS (
    INSERT INTO pawl.file_chunks (file, start, bytes)
    SELECT id, $3::bigint, $4::bytea FROM body WHERE length($4::bytea) > 0
  )
  SELECT id FROM body`;

// $1 id, $2 token. Answers nothing when a newer attempt has the file. Whoever wrote into it before is refused from the
// moment this is committed; what was written until then is seen by the statements that follow.
export const openNew = `
  INSERT INTO pawl.file_bodies AS body (id, token, generation, size, readable, modified_at)
  VALUES ($1, $2::integer, 1, 0, true, ${NOW})
  ON CONFLICT (id) DO UPDATE
  SET token = excluded.token, generation = body.generation + 1, readable = true, modified_at = excluded.modified_at
  WHERE body.token <= excluded.token
  RETURNING generation, size::float8 AS size`;
export const openExisting = `
  UPDATE pawl.file_bodies
  SET token = $2::integer, generation = generation + 1, modified_at = ${NOW}
  WHERE id = $1 AND readable AND token <= $2::integer
  RETURNING generation, size::float8 AS size`;
// $1 id.
export const bodyOf = "SELECT generation, size::float8 AS size, readable FROM pawl.file_bodies WHERE id = $1";

// $1 id, $2 size: what lies beyond goes, and the chunk that it goes through is cut.
export const dropBeyond = "DELETE FROM pawl.file_chunks WHERE file = $1 AND start >= $2::bigint";
export const cutChunk = `
  UPDATE pawl.file_chunks SET bytes = substring(bytes FROM 1 FOR ($2::bigint - start)::integer)
  WHERE file = $1 AND start > $2::bigint - ${CHUNK_BYTES} AND start < $2::bigint AND start + length(bytes) > $2::bigint`;
export const setSize = "UPDATE pawl.file_bodies SET size = $2::bigint WHERE id = $1";

// $1 id, $2 from, $3 to. Bytes [from, to) of the chunks that hold them, of which only that part is read. As Base64: the
// driver takes text only, and as hex, which it is otherwise, it is half as long again and a fifth slower.
export const readBytes = `
  SELECT least(body.size, $3::bigint)::float8 AS upto, (
    SELECT encode(string_agg(
      substring(bytes FROM (greatest($2::bigint - start, 0) + 1)::integer
                      FOR ($3::bigint - greatest(start, $2::bigint))::integer),
      ''::bytea ORDER BY start), 'base64')
    FROM pawl.file_chunks
    WHERE file = body.id AND start > $2::bigint - ${CHUNK_BYTES} AND start < $3::bigint
  ) AS bytes
  FROM pawl.file_bodies AS body WHERE id = $1 AND readable`;

// $1 ids. Chunks go with their file.
export const removeSmall = `DELETE FROM pawl.file_bodies WHERE id = ANY ($1::text[]) AND size <= ${SMALL_BYTES}`;
// Nobody reads or writes it from now on.
export const hideLarge = `
  UPDATE pawl.file_bodies SET readable = false, generation = generation + 1 WHERE id = ANY ($1::text[]) RETURNING id`;
// $1 id, $2 chunks at most.
export const removeChunks = `
  DELETE FROM pawl.file_chunks
  WHERE file = $1 AND start IN (SELECT start FROM pawl.file_chunks WHERE file = $1 ORDER BY start LIMIT $2)
  RETURNING 1`;
export const removeBody = "DELETE FROM pawl.file_bodies WHERE id = $1";

// $1 after which id, $2 how many.
export const listBodies = `
  SELECT id, modified_at::float8 AS "modifiedAt" FROM pawl.file_bodies WHERE id > $1 ORDER BY id LIMIT $2`;
