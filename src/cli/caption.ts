import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { LegendaError, UsageError } from '../errors.js';
import { onInterrupt } from './frame/interrupt.js';
import { beamOption, consensusOption, deviceOption, jsonOption, threadsOption, wholeNumber } from './frame/options.js';
import { note, print, printJson } from './frame/output.js';
import { type ComputeOptions, openRuntime } from './frame/runtime.js';
import { startProgress } from './progress.js';

interface Options extends ComputeOptions {
  readonly beam?: number;
  readonly consensus?: boolean;
  readonly best: number;
  readonly attention?: string;
  readonly checkpoint?: 'last' | 'best';
  readonly json?: boolean;
}

export function captionCommand(): Command {
  return new Command('caption')
    .description('say what is in images, by a captioner that was trained')
    .argument('<run>', 'a run folder')
    .argument('<images...>', 'files, or folders of them')
    .addOption(beamOption())
    .addOption(consensusOption())
    .option('--best <n>', 'captions an image, at most the beam', wholeNumber(1, 64), 1)
    .option(
      '--attention <dir>',
      'write there, an image, a picture a word of where the decoder looked, and a sheet of them',
    )
    .addOption(
      new Option('--checkpoint <which>', 'which parameters (default: as configured)').choices(['last', 'best']),
    )
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .action(caption);
}

async function caption(dir: string, given: readonly string[], options: Options): Promise<void> {
  const { chooseWriting } = await import('../decode/write-captions.js');
  const { openCaptioner } = await import('../recipes/open-captioner.js');
  const { captionImages } = await import('../recipes/caption-images.js');
  const { AttentionFiles } = await import('../recipes/write-attention.js');
  const trained = await openCaptioner(dir, options.checkpoint);
  if (options.attention !== undefined && !trained.network.decoder.attends)
    throw new UsageError(`--attention: ${trained.record.recipe}, which ${dir} is a run of, does not look at regions`);
  const paths = await findImages(given);
  using interrupt = onInterrupt();
  const progress = startProgress({ label: 'captions', total: paths.length });
  const { best } = options;
  const writing = chooseWriting(options, trained.configuration);
  const files =
    options.attention === undefined ? undefined : new AttentionFiles(options.attention, trained.preprocessing);
  let failed = 0;
  let done = 0;
  try {
    const runtime = await openRuntime(options);
    for await (const image of captionImages(trained, paths, { runtime, writing, best, signal: interrupt.signal })) {
      progress.update(++done, '');
      if ('error' in image) {
        failed++;
        note(`legenda: ${image.error.message}`);
        if (options.json) printJson({ image: image.path, error: image.error.message }, { oneLine: true });
        continue;
      }
      const attention = await files?.write(image.path, wordsOf(image.captions[0]!));
      const captions = image.captions.map(({ text, logProbability }) => ({ caption: text, logProbability }));
      if (options.json)
        printJson(
          { image: image.path, ...captions[0], ...(best > 1 && { captions }), ...(attention && { attention }) },
          { oneLine: true },
        );
      else for (const { text } of image.captions) print(`${image.path}\t${text}`);
    }
  } finally {
    progress.stop();
  }
  if (failed > 0) throw new LegendaError(`${failed} of ${paths.length} images have no caption`);
}

/** Each word with where the decoder looked; the end, which is no word, is left out. */
const wordsOf = ({ text, attention }: { readonly text: string; readonly attention?: readonly Float32Array[] }) =>
  text === '' ? [] : text.split(' ').map((word, i) => ({ word, attention: attention![i]! }));

/** Files as they are given, folders as their images. */
async function findImages(given: readonly string[]): Promise<string[]> {
  const { listImages } = await import('../data/images/list-images.js');
  const found = given.map(async (path) => {
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory();
    return isFolder ? listImages(path) : [path];
  });
  return (await Promise.all(found)).flat();
}
