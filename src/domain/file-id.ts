// What the id of a stored file looks like.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `text` can be the id of a stored file: what cannot never becomes part of a path or a statement. */
export const isFileId = (text: string): boolean => UUID.test(text);
