import { z } from 'zod';
import { recipeNamed } from '../recipes/table.js';
import { drawStep } from './drawn-step.js';
import { countOperations, type OperationCounts } from './operation-counts.js';

const whole = z.int().min(0);

/** What training steps cost when somebody last looked, in `bench/baseline.json`. */
export const baselineSchema = z.strictObject({
  /** Operations of the optimised graph of a step, by recipe and batch. */
  graphs: z.record(
    z.string(),
    z.strictObject({ flop: whole, nodes: whole, byOp: z.record(z.string(), z.int().min(1)) }),
  ),
  /** Time of a step over PyTorch's, each with its better thread count. */
  ratios: z.record(z.string(), z.number().positive()),
  /** When and where the ratios were measured; null where they have not been. */
  measured: z
    .strictObject({
      date: z.iso.date(),
      machine: z.string(),
      commit: z.string(),
      /** Of the machine over the last minute, before and after; null where it was not looked at. */
      load: z.tuple([z.number().min(0), z.number().min(0).nullable()]),
    })
    .nullable(),
});

export type Baseline = z.output<typeof baselineSchema>;

/** The steps whose operations are watched. */
const watched: readonly { readonly recipe: string; readonly batch?: number }[] = [
  { recipe: 'fashion-cnn', batch: 8 },
  { recipe: 'fashion-cnn', batch: 64 },
  { recipe: 'fashion-cnn-best' },
  { recipe: 'captioner' },
  { recipe: 'captioner-attention' },
];

/** Operations of the watched steps as they are today, by recipe and batch. */
export function countWatched(): Record<string, OperationCounts> {
  return Object.fromEntries(
    watched.map(({ recipe, batch }) => {
      const drawn = drawStep(recipeNamed(recipe), { batch });
      return [`${recipe}, batch ${drawn.batch}`, countOperations(drawn.definition.graph)];
    }),
  );
}

/** By what share a count may grow. */
const countSlack = 0.15;
/** Nodes of one op by which graphs may differ whatever the share: there are few of most. */
const fewNodes = 4;
/** By what share a ratio of times may grow: machines are noisy. */
const ratioSlack = 0.25;

/**
 * What of today's graphs is more than 15 % more than in the baseline: floating-point operations, nodes, or (by five at least)
 * nodes of one op.
 * @returns a line for each, with both numbers
 */
export function grownCounts(before: Baseline['graphs'], now: Readonly<Record<string, OperationCounts>>): string[] {
  return Object.entries(now).flatMap(([name, counts]) => {
    const known = before[name];
    if (known === undefined) return [`${name}: not in the baseline`];
    const compare = (what: string, was: number, is: number): string[] =>
      is - was > countSlack * was ? [`${name}: ${is} ${what}, ${was} in the baseline`] : [];
    return [
      ...compare('floating-point operations', known.flop, counts.flop),
      ...compare('nodes', known.nodes, counts.nodes),
      ...Object.entries(counts.byOp).flatMap(([op, is]) => {
        const was = known.byOp[op] ?? 0;
        return is - was > fewNodes ? compare(`nodes ${op}`, was, is) : [];
      }),
    ];
  });
}

/**
 * Which ratios of times to PyTorch's are more than 25 % more than in the baseline; those that only one has are passed over.
 * @returns a line for each, with both numbers
 */
export function grownRatios(before: Baseline['ratios'], now: Readonly<Record<string, number>>): string[] {
  return Object.entries(now).flatMap(([name, is]) => {
    const was = before[name];
    if (was === undefined || is - was <= ratioSlack * was) return [];
    return [`${name}: ${is.toFixed(2)} of PyTorch's time, ${was.toFixed(2)} in the baseline`];
  });
}
