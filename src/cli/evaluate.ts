import { Command, Option } from 'commander';
import { dataProgress } from './data-progress.js';
import { onInterrupt } from './frame/interrupt.js';
import { dataOption, jsonOption, threadsOption } from './frame/options.js';
import { print, printJson, warn } from './frame/output.js';
import { formatTable } from './frame/table.js';

interface Options {
  readonly split: 'train' | 'validation' | 'test';
  readonly checkpoint?: 'last' | 'best';
  readonly threads?: number;
  readonly data?: string;
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('loss, accuracy and confusion of a run on one of its splits')
    .argument('<run>', 'a run folder')
    .addOption(new Option('--split <name>', 'which images').choices(['train', 'validation', 'test']).default('test'))
    .addOption(
      new Option('--checkpoint <which>', 'which parameters (default: as configured)').choices(['last', 'best']),
    )
    .addOption(threadsOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(evaluate);
}

async function evaluate(dir: string, options: Options): Promise<void> {
  const { openTrained } = await import('../recipes/open-run.js');
  const { evaluateTrained } = await import('../recipes/evaluate-run.js');
  const { loadDataOf } = await import('../recipes/load-data.js');
  const { dataRoot } = await import('../data/root.js');
  const { sampleWarning } = await import('../data/fashion-mnist.js');
  const { nodeRuntime } = await import('../runtime/node.js');
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
  const runtime = nodeRuntime(options.threads === undefined ? {} : { threads: options.threads });
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
