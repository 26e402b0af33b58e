import { Command, Option } from 'commander';
import type { CaptionScores, Score } from '../metrics/caption-scores.js';
import type { TokeniserName } from '../text/tokenise.js';
import { jsonOption } from './frame/options.js';
import { print, printJson } from './frame/output.js';
import { formatTable } from './frame/table.js';

interface Options {
  readonly references: readonly string[];
  readonly candidates: string;
  readonly split?: string;
  readonly mode: 'coco' | 'nltk';
  readonly tokeniser: TokeniserName;
  readonly partial?: boolean;
  readonly json?: boolean;
}

export function scoreCommand(): Command {
  return new Command('score')
    .description('BLEU, ROUGE-L and CIDEr-D of captions that are in a file')
    .requiredOption(
      '--references <files...>',
      'dataset.json of Karpathy, COCO annotations, or text files with a line an image',
    )
    .requiredOption('--candidates <file>', 'COCO results, or a text file with a line an image')
    .option('--split <name>', 'images of a Karpathy file that are scored')
    .addOption(new Option('--mode <mode>', 'whose BLEU').choices(['coco', 'nltk']).default('coco'))
    .addOption(
      new Option('--tokeniser <name>', 'how text becomes words').choices(['ptb-like', 'blanks']).default('ptb-like'),
    )
    .option('--partial', 'leave out images that have no candidate')
    .addOption(jsonOption())
    .action(score);
}

async function score({ references: paths, candidates: path, split, mode, tokeniser, partial, json }: Options) {
  const { readCandidates, readReferences } = await import('../data/captions/caption-files.js');
  const { pairCaptions } = await import('../data/captions/pair.js');
  const { scoreCaptions } = await import('../metrics/caption-scores.js');
  const { signatureOf } = await import('../metrics/signature.js');
  const { tokenisers } = await import('../text/tokenise.js');
  const { ownVersion } = await import('../recipes/machine.js');
  const references = await readReferences(paths, split);
  const pairs = pairCaptions(await readCandidates(path), references, { partial: partial === true });
  const scores = scoreCaptions(pairs, tokenisers[tokeniser], mode);
  const signature = signatureOf(scores, {
    mode,
    tokeniser,
    split: references.split,
    captions: references.sha256,
    version: ownVersion(),
  });
  if (json) return printJson({ ...scores, signature });
  print(`${scoreTable(scores)}\n${signature}`);
}

function scoreTable({ bleu, rougeL, ciderD, distinct }: CaptionScores): string {
  const row = (name: string, { value, interval }: Score) => [
    name,
    value.toFixed(6),
    interval.map((end) => end.toFixed(4)).join(' to '),
  ];
  const rows = [
    ...bleu.map((value, n) => row(`BLEU-${n + 1}`, value)),
    row('ROUGE-L', rougeL),
    row('CIDEr-D', ciderD),
    ['distinct', distinct.toFixed(6)],
  ];
  return formatTable(['SCORE', 'VALUE', '95 % INTERVAL'], rows);
}
