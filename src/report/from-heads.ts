import { type ExaminedHeads, examineHeads } from '../explain/heads/examine.js';
import { type GeneratedHeads, generateHeads } from '../explain/heads/generate.js';
import { svd } from '../explain/heads/linear-algebra.js';
import { linkErrors } from '../explain/heads/link-errors.js';
import type { HeadPair, HeadSummary, HeadsPart } from './data.js';
import { commandLine } from './format.js';

const length = 12;
const embedding = 16;
const dimension = 4;
const seed = 1;

/** Examines heads that are drawn from a seed: the numbers of the page's second experiment. Takes milliseconds. */
export function examinedHeads(): HeadsPart {
  const [same, other] = [true, false].map((equivalent) => {
    const given = generateHeads({ embedding, dimension, heads: 2, equivalent, seed });
    return { given, found: examineHeads(given.heads, { length, seed }) };
  }) as [Examined, Examined];
  const sizes = { length, embedding, dimension, heads: 2 };
  return {
    command: commandLine(
      ...['legenda', 'explain', 'heads'],
      ...Object.entries(sizes).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...['--equivalent', '--seed', String(seed)],
    ),
    ...{ length, embedding, dimension },
    heads: [
      summaryOf('a head', same.found, 0),
      summaryOf('the same by B', same.found, 1),
      summaryOf('another head', other.found, 1),
    ],
    pairs: [pairOf('a head, the same by B', same), pairOf('a head, another head', other)],
  };
}

interface Examined {
  readonly given: GeneratedHeads;
  readonly found: ExaminedHeads;
}

function summaryOf(name: string, { heads }: ExaminedHeads, index: number): HeadSummary {
  const { scores, differences, parameters, probabilities } = heads[index]!;
  return {
    name,
    rank: scores.rank,
    singularValues: svd(scores.matrix).values,
    differences,
    parameters: { factors: parameters.factors, free: parameters.free },
    probabilities: probabilities.to2DArray(),
  };
}

function pairOf(name: string, { given, found }: Examined): HeadPair {
  const [pair] = found.pairs;
  const [error] = linkErrors(found, given.links);
  const { distance, tolerance, same, probabilities, link } = pair!;
  return {
    ...{ name, distance, tolerance, same, probabilities },
    ...(link && error !== undefined && { link: { condition: link.condition, error } }),
  };
}
