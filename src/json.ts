import type { z } from 'zod';
import { LegendaError } from './errors.js';
import { readFileBounded } from './files.js';

/**
 * A JSON file that must have the schema's form.
 *
 * @param limit the most bytes that are read
 * @throws LegendaError naming the file and, where there is one, the key that is wrong
 */
export async function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  limit = 16 * 2 ** 20,
): Promise<z.output<Schema>> {
  const bytes = await readFileBounded(path, limit);
  return parseJson(new TextDecoder().decode(bytes), schema, path);
}

/**
 * JSON text that must have the schema's form.
 *
 * @param what names the text in errors
 * @throws LegendaError naming the key that is wrong
 */
export function parseJson<Schema extends z.ZodType>(text: string, schema: Schema, what: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LegendaError(`${what} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  return conform(value, schema, what);
}

/** The value as the schema gives it; throws a LegendaError that names the first key that is wrong. */
export function conform<Schema extends z.ZodType>(value: unknown, schema: Schema, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new LegendaError(`${what}${path.length > 0 ? `: "${path.join('.')}"` : ''}: ${message}`);
}
