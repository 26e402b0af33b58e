/** Halves of a surrogate pair, which UTF-8 has not, are replaced. */
export const wellFormed = (text: string): string => Buffer.from(text).toString();

/** Without control characters, which would end a text in the database, mark words of captions, or steer a terminal. */
export const oneLine = (text: string): string => wellFormed(text.replace(/\p{Cc}+/gu, ' '));
