import type { BleuMode } from './bleu.js';
import type { CaptionScores } from './caption-scores.js';

/** What must be the same for two scores to be comparable. */
export interface ScoreConditions {
  readonly mode: BleuMode;
  readonly tokeniser: string;
  readonly split: string;
  /** sha256 of the file that has the references. */
  readonly captions: string;
  /** Of this program. */
  readonly version: string;
}

const smoothing: Readonly<Record<BleuMode, string>> = { coco: 'tiny', nltk: 'none' };

/**
 * The conditions of a score as one line, in the manner of sacrebleu (Post, 2018):
 * `bleu:coco|tok:ptb-like|smooth:tiny|refs:5|images:210|split:val|captions:1a2b3c4d5e6f|legenda:0.1.0`.
 */
export function signatureOf(
  { references: [fewest, most], images }: Pick<CaptionScores, 'references' | 'images'>,
  { mode, tokeniser, split, captions, version }: ScoreConditions,
): string {
  const parts = {
    bleu: mode,
    tok: tokeniser,
    smooth: smoothing[mode],
    refs: fewest === most ? `${most}` : `${fewest}-${most}`,
    images: `${images}`,
    split,
    captions: captions.slice(0, 12),
    legenda: version,
  };
  return Object.entries(parts)
    .map(([key, value]) => `${key}:${value}`)
    .join('|');
}
