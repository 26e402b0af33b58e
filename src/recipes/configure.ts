import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { suggestion } from './nearest.js';
import type { Configurable, Recipe } from './recipe.js';

/**
 * `key=value` pairs as values: JSON where it is JSON, text elsewhere.
 * @throws UsageError when there is no `=`, or one key is given twice
 */
export function parseSettings(pairs: readonly string[]): Record<string, unknown> {
  const settings = new Map<string, unknown>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`"${pair}": key=value is expected`);
    const key = pair.slice(0, at);
    if (settings.has(key)) throw new UsageError(`"${key}" is set twice`);
    settings.set(key, parseValue(pair.slice(at + 1)));
  }
  return Object.fromEntries(settings);
}

export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * A recipe's configuration with every key resolved.
 * @throws UsageError naming each key that is unknown or has a value that is not accepted, what was expected and what came
 */
export function configure<Schema extends z.ZodType>(
  recipe: Configurable<Schema>,
  settings: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const result = recipe.schema.safeParse(settings);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys((recipe.schema as unknown as { shape?: object }).shape ?? {});
      const accepted = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
      const unknown = issue.keys.map((key) => `"${key}"${suggestion(key, known)}`).join(', ');
      return `${unknown} ${issue.keys.length > 1 ? 'are' : 'is'} no key of ${recipe.name}; ${accepted}`;
    }
    const key = issue.path.join('.');
    const came = issue.path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)?.[step], settings);
    const isList = issue.code === 'invalid_type' && (issue.expected === 'tuple' || issue.expected === 'array');
    const hint = isList && typeof came === 'string' ? ` (a list is written as ${key}=[1,2])` : '';
    return `${key}: ${issue.message}, got ${typeof came === 'number' ? came : JSON.stringify(came)}${hint}`;
  });
  throw new UsageError(problems.join('; '));
}

/** Which parameters a configuration selects: the last, or the best on validation. */
export const selectionOf = (recipe: Recipe, settings: Readonly<Record<string, unknown>>): 'last' | 'best' =>
  recipe.training?.(configure(recipe, settings) as never).select ?? 'last';
