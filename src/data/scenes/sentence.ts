import { splitAtBlanks } from '../../text/tokenise.js';
import type { Mention, SceneCaption } from './description.js';

/** A word that names things, with the indices of those. */
interface Name {
  readonly word: string;
  readonly things: readonly number[];
}

/** Words in order; those that name things know which. */
export type Phrase = readonly (string | Name)[];

/** Joins phrases and plain words, which may be several in one string. */
export const phrase = (...parts: readonly (string | Phrase)[]): Phrase =>
  parts.flatMap((part) => (typeof part === 'string' ? splitAtBlanks(part) : part));

/** A phrase as a caption: `a` becomes `an` where it has to, the written form begins with a capital and ends with ` .`. */
export function writeSentence(words: Phrase): SceneCaption {
  const plain = words.map((word) => (typeof word === 'string' ? word : word.word));
  const tokens = plain.map((word, i) => (word === 'a' && /^[aeiou]/u.test(plain[i + 1] ?? '') ? 'an' : word));
  const mentions = words.flatMap((word, token): Mention[] =>
    typeof word === 'string' ? [] : [{ token, things: word.things }],
  );
  const text = tokens.join(' ');
  return { raw: `${text.charAt(0).toUpperCase()}${text.slice(1)} .`, tokens, mentions };
}
