// The queues that a worker claims from.

export const ADD_WORKER_QUEUES = `
  -- A JSON array; NULL: all.
  ALTER TABLE workers ADD COLUMN queues TEXT;
`;
