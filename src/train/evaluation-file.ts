import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../files.js';
import { readJson } from '../json.js';

const score = z.object({ value: z.number(), interval: z.tuple([z.number(), z.number()]).readonly() });

const scores = z.object({
  bleu: z.tuple([score, score, score, score]).readonly(),
  rougeL: score,
  ciderD: score,
  distinct: z.number(),
  images: z.int(),
  references: z.tuple([z.int(), z.int()]).readonly(),
});

const said = z.object({
  file: z.string(),
  caption: z.string(),
  references: z.array(z.string()).readonly(),
});

const sample = said.extend({
  /** `wrong`: among those whose caption is least like any of its references. */
  role: z.enum(['sample', 'wrong']),
  /** What the encoder saw, as a `data:` URI of a JPEG. */
  picture: z.string().regex(/^data:image\/jpeg;base64,[A-Za-z0-9+/]+=*$/, 'a JPEG in a data: URI is expected'),
  /** By word, how much each region was looked at; absent where the decoder does not look. */
  attention: z.array(z.array(z.number()).readonly()).readonly().optional(),
});

const shares = z.object({
  words: z.int(),
  share: z.number(),
  uniform: z.number(),
  ratio: score,
  byWord: z.array(z.object({ word: z.string(), count: z.int(), share: z.number(), uniform: z.number() })).readonly(),
});

const entropy = z.object({
  regions: z.int(),
  mean: z.number(),
  byWord: z.array(z.object({ word: z.string(), count: z.int(), entropy: z.number() })).readonly(),
});

const evaluation = z.object({
  format: z.literal(1),
  /** Of the checkpoint that was evaluated. */
  step: z.int(),
  split: z.enum(['train', 'val', 'test']),
  writing: z.object({ beam: z.int(), consensus: z.boolean(), maxLength: z.int() }),
  scores,
  /** Of copying the first caption of the nearest training image. */
  nearest: scores,
  signature: z.string(),
  /** How much attention fell on what words name; absent where nothing tells. */
  shares: shares.optional(),
  /** How spread attention was, by word, in bits; absent where the decoder does not look. */
  entropy: entropy.optional(),
  captions: z.array(said).readonly(),
  samples: z.array(sample).max(64).readonly(),
});

/** How a captioner's run did on a split, with captions to look at: what reports show of it. */
export type EvaluationFile = z.output<typeof evaluation>;

const fileOf = (dir: string): string => join(dir, 'evaluation.json');

export const writeEvaluation = (dir: string, content: EvaluationFile): Promise<void> =>
  writeFileAtomic(fileOf(dir), `${JSON.stringify(content)}\n`);

/** Whether a run has one. */
export const hasEvaluation = (dir: string): Promise<boolean> =>
  access(fileOf(dir)).then(
    () => true,
    () => false,
  );

/** @throws LegendaError when it is not there or damaged */
export const readEvaluation = (dir: string): Promise<EvaluationFile> => readJson(fileOf(dir), evaluation);
