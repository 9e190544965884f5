// What PostgreSQL's texts and JSON can hold.

/**
 * Whether a text can stand in the database: without NUL characters and halves of surrogate pairs. Nothing that is stored is
 * called otherwise, so whoever looks for such a name has found nothing.
 */
export const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();
