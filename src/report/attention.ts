import { type Block, heading, paragraph, strong } from './blocks.js';
import type { CaptionerRun } from './data.js';
import { entropyFigure } from './figures/entropies.js';
import { attentionShareFigure } from './figures/shares.js';
import { count } from './format.js';

/** Where the first decoder that looks does so: on what its words name, and how spread out. */
export function attentionBlocks(runs: readonly CaptionerRun[]): Block[] {
  const blocks = [...shareBlocks(runs), ...entropyBlocks(runs)];
  return blocks.length > 0 ? [heading(3, 'attention', 'Where the decoder looks'), ...blocks] : [];
}

/** Words that are drawn. */
const wordsShown = 14;

/** Of the first decoder that has them. */
function shareBlocks(runs: readonly CaptionerRun[]): Block[] {
  return runs
    .flatMap(({ evaluation }) => evaluation?.shares ?? [])
    .slice(0, 1)
    .flatMap((shares) => {
      const { ratio, words, share, uniform, byWord } = shares;
      const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
      const figure = {
        title: 'Attention on what words name',
        description: `For each word that names a thing, the part of the picture that the thing covers and the part of the attention that fell on it. Overall ${percent(uniform)} and ${percent(share)}.`,
        words: byWord.slice(0, wordsShown),
      };
      return [
        paragraph(
          'The scenes come with masks that say where each thing is. ',
          strong(
            `A word that names a thing puts ${ratio.value.toFixed(2)} times as much attention on it as chance would`,
          ),
          ` (95 % interval ${ratio.interval[0].toFixed(2)} to ${ratio.interval[1].toFixed(2)}): ${percent(share)} of the attention on ${percent(uniform)} of the picture, over ${count(words)} words of the captions that it wrote itself.`,
        ),
        {
          block: 'figure' as const,
          id: 'attention-shares',
          title: figure.title,
          caption: [
            'The most frequent words that name things (how often they were written): the part of the picture that the thing covers, and the part of the attention that fell on it when the word was written.',
          ],
          wide: attentionShareFigure(figure),
          narrow: attentionShareFigure({ ...figure, width: 360 }),
        },
      ];
    });
}

/** Words drawn from each end of the list. */
const entropiesShown = 8;

/** How spread attention is by word, of the first decoder that looks. */
function entropyBlocks(runs: readonly CaptionerRun[]): Block[] {
  const entropy = runs.flatMap(({ evaluation }) => evaluation?.entropy ?? [])[0];
  if (entropy === undefined || entropy.byWord.length === 0) return [];
  const { regions, mean, byWord } = entropy;
  const words =
    byWord.length <= 2 * entropiesShown
      ? byWord
      : [...byWord.slice(0, entropiesShown), ...byWord.slice(-entropiesShown)];
  const [keenest, widest] = [byWord[0]!, byWord.at(-1)!];
  const most = Math.log2(regions);
  const bits = (value: number) => `${value.toFixed(2)} bits`;
  const figure = {
    title: 'Entropy of attention by word',
    description: `From ${bits(keenest.entropy)} for “${keenest.word}” to ${bits(widest.entropy)} for “${widest.word}”.`,
    words,
    most,
  };
  return [
    paragraph(
      `How spread attention is when a word is written is its entropy: 0 for one region alone, ${bits(most)} for the same on all ${regions}. Its mean over all words is ${bits(mean)}; among words written at least 5 times it is lowest for “${keenest.word}” (${bits(keenest.entropy)}) and highest for “${widest.word}” (${bits(widest.entropy)}).`,
    ),
    {
      block: 'figure',
      id: 'attention-entropy',
      title: figure.title,
      caption: [
        `Mean entropy of attention by word (how often it was written)${words.length < byWord.length ? `, the ${entropiesShown} lowest and the ${entropiesShown} highest of the ${byWord.length} written at least 5 times` : ''}. Dotted: attention that is the same everywhere.`,
      ],
      wide: entropyFigure(figure),
      narrow: entropyFigure({ ...figure, width: 360 }),
    },
  ];
}
