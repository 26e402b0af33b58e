import { Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import type { CaptionScores, Score } from '../metrics/caption-scores.js';
import { dataProgress } from './data-progress.js';
import { onInterrupt } from './frame/interrupt.js';
import { beamOption, consensusOption, dataOption, deviceOption, jsonOption, threadsOption } from './frame/options.js';
import { print, printJson, warn } from './frame/output.js';
import { type ComputeOptions, openRuntime } from './frame/runtime.js';
import { formatTable } from './frame/table.js';

interface Options extends ComputeOptions {
  readonly split: 'train' | 'validation' | 'test';
  readonly checkpoint?: 'last' | 'best';
  readonly beam?: number;
  readonly consensus?: boolean;
  readonly mode?: 'coco' | 'nltk';
  readonly data?: string;
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('how a run does on one of its splits: accuracy and confusion, or what its captions are worth')
    .argument('<run>', 'a run folder')
    .addOption(new Option('--split <name>', 'which images').choices(['train', 'validation', 'test']).default('test'))
    .addOption(
      new Option('--checkpoint <which>', 'which parameters (default: as configured)').choices(['last', 'best']),
    )
    .addOption(beamOption())
    .addOption(consensusOption())
    .addOption(
      new Option('--mode <mode>', 'of a captioner: whose BLEU (default: as configured)').choices(['coco', 'nltk']),
    )
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(evaluate);
}

async function evaluate(dir: string, options: Options): Promise<void> {
  const { openRun } = await import('../train/record.js');
  const { recipeNamed } = await import('../recipes/table.js');
  const { kind } = recipeNamed((await openRun(dir)).recipe);
  if (kind === 'captioner') return evaluateCaptioner(dir, options);
  for (const key of ['beam', 'consensus', 'mode'] as const)
    if (options[key] !== undefined) throw new UsageError(`--${key} is for captioners, ${dir} is a ${kind}`);
  return evaluateClassifier(dir, options);
}

async function evaluateClassifier(dir: string, options: Options): Promise<void> {
  const { openTrained } = await import('../recipes/open-run.js');
  const { evaluateTrained } = await import('../recipes/evaluate-run.js');
  const { loadDataOf } = await import('../recipes/load-data.js');
  const { dataRoot } = await import('../data/root.js');
  const { sampleWarning } = await import('../data/fashion-mnist.js');
  const trained = await openTrained(dir, options.checkpoint);
  using interrupt = onInterrupt();
  using progress = dataProgress();
  const data = await loadDataOf(trained.record, {
    root: dataRoot(options.data),
    signal: interrupt.signal,
    ...progress.listeners,
  });
  progress[Symbol.dispose]();
  if (data.sample) warn(sampleWarning);
  const runtime = await openRuntime(options);
  const { loss, accuracy, confusion } = await evaluateTrained(trained, data, options.split, runtime);
  if (options.json)
    return printJson({
      run: dir,
      split: options.split,
      step: trained.step,
      loss,
      accuracy,
      classes: data.classes,
      confusion,
    });
  print(`${dir}, ${options.split}: accuracy ${accuracy.toFixed(4)}, loss ${loss.toFixed(4)}\n`);
  const header = ['', ...data.classes.map((_, k) => `→ ${k}`)];
  const rows = confusion.map((row, actual) => [`${actual} ${data.classes[actual]}`, ...row.map(String)]);
  print(formatTable(header, rows, ['left', ...data.classes.map(() => 'right' as const)]));
}

async function evaluateCaptioner(dir: string, options: Options): Promise<void> {
  const { chooseWriting } = await import('../decode/write-captions.js');
  const { openCaptioner } = await import('../recipes/open-captioner.js');
  const { evaluateCaptioner: scoreOn } = await import('../recipes/evaluate-captioner.js');
  const { dataRoot } = await import('../data/root.js');
  const trained = await openCaptioner(dir, options.checkpoint);
  const { split, mode } = options;
  const writing = chooseWriting(options, trained.configuration);
  using interrupt = onInterrupt();
  using progress = dataProgress();
  const { scores, nearest, captions, signature } = await scoreOn(trained, {
    split: split === 'validation' ? 'val' : split,
    writing,
    ...(mode && { mode }),
    root: dataRoot(options.data),
    runtime: await openRuntime(options),
    signal: interrupt.signal,
    onWarning: warn,
    onProgress: (what, done, total) => progress.listeners.onProgress({ what, done, total, unit: 'images' }),
  });
  progress[Symbol.dispose]();
  const { beam, consensus } = writing;
  const decoding = beam === 1 ? 'greedy' : `${consensus ? 'consensus of a ' : ''}beam of ${beam}`;
  if (options.json)
    return printJson({
      run: dir,
      split,
      step: trained.step,
      beam,
      consensus,
      ...scores,
      nearest,
      signature,
      captions: captions.map(({ file, caption, references }) => ({ image: file, caption, references })),
    });
  print(`${dir}, ${split}, ${decoding}, beside the first caption of the nearest training image:\n`);
  print(compareScores(scores, nearest));
  print(signature);
}

/** Both with intervals, a row a score. */
function compareScores(own: CaptionScores, nearest: CaptionScores): string {
  const cells = ({ value, interval }: Score) => [value.toFixed(4), interval.map((end) => end.toFixed(4)).join(' to ')];
  const row = (name: string, of: (scores: CaptionScores) => Score) => [name, ...cells(of(own)), ...cells(of(nearest))];
  return formatTable(
    ['SCORE', 'VALUE', '95 % INTERVAL', 'COPIED', '95 % INTERVAL'],
    [
      ...own.bleu.map((_, n) => row(`BLEU-${n + 1}`, ({ bleu }) => bleu[n]!)),
      row('ROUGE-L', ({ rougeL }) => rougeL),
      row('CIDEr-D', ({ ciderD }) => ciderD),
      ['distinct', own.distinct.toFixed(4), '', nearest.distinct.toFixed(4), ''],
    ],
  );
}
