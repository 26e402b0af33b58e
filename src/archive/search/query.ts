import { UsageError } from '../../errors.js';
import { functionWords } from './function-words.js';
import { oneLine } from './text.js';

/** What is looked for. */
export interface Query {
  /** Words that a tile should have, without those that mean nothing by themselves. */
  readonly words: readonly string[];
  /** Texts in double quotes, which a tile must have as they are. */
  readonly phrases: readonly string[];
}

/** Letters of a query, and words of it. */
const longest = 4096;
const mostWords = 64;

/** What the index takes for part of a word. */
const hasLetters = (text: string): boolean => /[\p{L}\p{N}\p{Co}]/u.test(text);

/**
 * Reads what a user wrote: words, and phrases in double quotes. A quote that is not closed is nothing. Words such as "a" or
 * "near" count only where there are no others.
 * @throws UsageError when there is no word in it, or too much
 */
export function parseQuery(text: string): Query {
  if (text.length > longest) {
    throw new UsageError(`a query has at most ${longest} letters, ${text.length} came`);
  }
  const words: string[] = [];
  const phrases: string[] = [];
  for (const [, phrase, word] of oneLine(text)
    .replace(/[“”„«»]/g, '"')
    .matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    if (phrase !== undefined && hasLetters(phrase)) phrases.push(phrase);
    if (word !== undefined && hasLetters(word)) words.push(word.toLowerCase());
  }
  if (words.length + phrases.length === 0) {
    throw new UsageError(
      `the query ${JSON.stringify(text)} has no words: write what to look for, such as "white buildings"`,
    );
  }
  if (words.length + phrases.length > mostWords) {
    throw new UsageError(`a query has at most ${mostWords} words, ${words.length + phrases.length} came`);
  }
  const telling = words.filter((word) => !functionWords.has(word.replace(/^\P{L}+|\P{L}+$/gu, '')));
  const kept = telling.length + phrases.length > 0 ? telling : words;
  return { words: [...new Set(kept)], phrases: [...new Set(phrases)] };
}

/** A query in SQLite's language of full-text search, in which quoted text is looked for and never understood. */
export interface Expressions {
  /** Tiles that have all of it. */
  readonly all: string;
  /** Tiles that have the phrases and, where there are only words, one of these. */
  readonly some: string;
}

export function expressionsOf({ words, phrases }: Query): Expressions {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const [quotedWords, quotedPhrases] = [words.map(quote), phrases.map(quote)];
  const required = quotedPhrases.join(' AND ');
  const all = [...quotedPhrases, ...quotedWords].join(' AND ');
  if (phrases.length === 0) return { all, some: quotedWords.join(' OR ') };
  // The phrase again among the alternatives, so that the words count but are not needed.
  return { all, some: `(${required}) AND (${[quotedPhrases[0]!, ...quotedWords].join(' OR ')})` };
}
