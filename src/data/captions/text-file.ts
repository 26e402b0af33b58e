import { createHash } from 'node:crypto';
import { LegendaError } from '../../errors.js';
import { readFileBounded } from '../../files.js';

/** A file of text, with JSON's value where it is that. */
export interface TextFile {
  readonly path: string;
  readonly sha256: string;
  readonly text: string;
  /** Parsed, where the text begins as JSON's objects and lists do. */
  readonly value: unknown;
}

/** COCO's largest file of captions has 144 MB. */
const maxBytes = 256 * 2 ** 20;

/** @throws LegendaError naming the file that cannot be read, is not UTF-8, is empty, or begins as JSON and is not */
export async function readTextFile(path: string): Promise<TextFile> {
  const bytes = await readFileBounded(path, maxBytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new LegendaError(`${path} is not text in UTF-8`, { cause: error });
  }
  if (text.trim() === '') throw new LegendaError(`${path} is empty`);
  const value = /^\s*[[{]/u.test(text) ? parse(text, path) : undefined;
  return { path, sha256: sha256Of(bytes), text, value };
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LegendaError(`${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

export const sha256Of = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');
