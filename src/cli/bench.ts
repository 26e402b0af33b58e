import { Command, Option } from 'commander';
import type { Share, Shares } from '../bench/profile/shares.js';
import type { StepCost } from '../bench/time-step.js';
import { onInterrupt } from './frame/interrupt.js';
import { jsonOption, setOption, threadsOption, wholeNumber } from './frame/options.js';
import { print, printJson } from './frame/output.js';
import { formatTable } from './frame/table.js';

interface Options {
  readonly set: readonly string[];
  readonly batch?: number;
  readonly threads?: number;
  readonly steps?: number;
  readonly regions?: number;
  readonly regionSize?: number;
  readonly words?: number;
  readonly vocabulary?: number;
  readonly profile?: boolean;
  readonly json?: boolean;
}

export function benchCommand(): Command {
  const count = (flags: string, description: string, low: number, high: number) =>
    new Option(flags, description).argParser(wholeNumber(low, high));
  return new Command('bench')
    .description("time a recipe's training step on drawn data, beside the machine's ceiling; say where the time goes")
    .argument('<recipe>', 'such as fashion-cnn')
    .addOption(setOption())
    .addOption(count('--batch <n>', 'examples a step (default: as configured)', 1, 2 ** 20))
    .addOption(threadsOption())
    .addOption(count('--steps <n>', 'steps that are measured (default: about three seconds of them)', 1, 10 ** 6))
    .addOption(count('--regions <n>', 'of a captioner: regions an image (default: 49)', 1, 2 ** 16))
    .addOption(count('--region-size <n>', 'of a captioner: numbers a region (default: 512)', 1, 2 ** 16))
    .addOption(count('--words <n>', 'of a captioner: words a caption (default: 20)', 1, 500))
    .addOption(count('--vocabulary <n>', 'of a captioner: words that it knows (default: 1000)', 5, 10 ** 6))
    .option('--profile', 'where the time goes, by type of op and by layer')
    .addOption(jsonOption())
    .action(bench);
}

/** Milliseconds of steps that are profiled. */
const profiledTime = 400;

async function bench(name: string, options: Options): Promise<void> {
  const { recipeNamed } = await import('../recipes/table.js');
  const { parseSettings } = await import('../recipes/configure.js');
  const { drawStep } = await import('../bench/drawn-step.js');
  const { timeStep } = await import('../bench/time-step.js');
  const { profileStep } = await import('../bench/profile/profile-step.js');
  const { nodeRuntime } = await import('../runtime/node.js');
  const { batch, threads, steps, regions, regionSize, words, vocabulary } = options;
  const runtime = nodeRuntime({ ...(threads !== undefined && { threads }) });
  const drawn = drawStep(recipeNamed(name), {
    settings: parseSettings(options.set),
    batch,
    sizes: { regions, regionSize, words, vocabulary },
    threads: runtime.threads,
  });

  using interrupt = onInterrupt();
  const { signal } = interrupt;
  const cost = await timeStep(drawn, { runtime, steps, signal });
  const profiled = Math.min(steps ?? Number.POSITIVE_INFINITY, Math.ceil(profiledTime / cost.step.median));
  const profile = options.profile ? await profileStep(drawn, { runtime, steps: profiled, signal }) : undefined;
  const { recipe, batch: examples } = drawn;
  if (options.json) return printJson({ recipe, batch: examples, threads: runtime.threads, ...cost, profile });
  print(costText(`${recipe}, batch ${examples}`, cost, runtime.threads));
  if (profile) print(`\n${profileText(profile)}`);
}

function costText(title: string, cost: StepCost, threads: number): string {
  const { operations, compile, step, gflopPerSecond, ceilingGflopPerSecond, shareOfCeiling } = cost;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const onThreads = `${threads} thread${threads > 1 ? 's' : ''}`;
  return [
    `${title}: ${(operations.flop / 1e9).toFixed(3)} GFLOP a step, ${operations.nodes} nodes`,
    `compiled in ${seconds(compile.graph + compile.session)}: ${seconds(compile.graph)} for the graph (trace, gradients, passes), ${seconds(compile.session)} for the session`,
    `${significant(step.median)} ms a step, median of ${step.count} in ${step.rounds} rounds (${significant(step.least)} to ${significant(step.greatest)})`,
    `${significant(gflopPerSecond)} GFLOP/s, ${percent(shareOfCeiling)} of the ceiling: a product of two 1024×1024 matrices runs at ${significant(ceilingGflopPerSecond)} GFLOP/s on ${onThreads}`,
  ].join('\n');
}

function profileText({ runs, microseconds, between, types, layers }: Shares): string {
  const rest = percent(between / microseconds);
  const cells = ({ name, calls }: Share) => [name, String(Number(calls.toFixed(1)))];
  const time = (value: number) => value.toFixed(0);
  const byType = formatTable(
    ['TYPE', 'CALLS', 'µs A STEP', 'SHARE'],
    [
      ...types.map((own) => [...cells(own), time(own.microseconds), percent(own.share)]),
      ['(between kernels)', '', time(between), rest],
      ['total', '', time(microseconds), percent(1)],
    ],
    ['left', 'right', 'right', 'right'],
  );
  const byLayer = formatTable(
    ['LAYER', 'CALLS', 'FORWARD', 'BACKWARD', 'UPDATE', 'µs A STEP', 'SHARE'],
    [
      ...layers.map((own) => [
        ...cells(own),
        ...[own.forward, own.backward, own.update, own.microseconds].map(time),
        percent(own.share),
      ]),
      ['(between kernels)', '', '', '', '', time(between), rest],
      ['total', '', ...totals(layers).map(time), time(microseconds), percent(1)],
    ],
    ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  );
  return `${runs} step${runs > 1 ? 's' : ''}, one by one, under ONNX Runtime's profiler, which makes them slower:\n\n${byType}\n\n${byLayer}`;
}

const totals = (layers: Shares['layers']): number[] =>
  (['forward', 'backward', 'update'] as const).map((phase) => layers.reduce((sum, own) => sum + own[phase], 0));

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Three digits that count, or all before the point. */
const significant = (value: number): string => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));
