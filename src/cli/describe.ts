import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Wanted } from '../archive/begin-archive.js';
import { LegendaError, UsageError } from '../errors.js';
import { checkBoard, leftInQueue, openBoard } from './frame/board.js';
import { Interrupted, onInterrupt } from './frame/interrupt.js';
import {
  beamOption,
  consensusOption,
  deviceOption,
  jsonOption,
  queueOption,
  threadsOption,
  wholeNumber,
} from './frame/options.js';
import { note, print, printJson } from './frame/output.js';
import { type ComputeOptions, openRuntime } from './frame/runtime.js';
import { startProgress } from './progress.js';

interface Options extends ComputeOptions {
  readonly run: string;
  readonly out: string;
  readonly tile?: number;
  readonly overlap: number;
  readonly footprints?: boolean;
  readonly classify?: string;
  readonly format: 'jsonl' | 'parquet';
  readonly shard: number;
  readonly beam?: number;
  readonly consensus?: boolean;
  readonly checkpoint?: 'last' | 'best';
  readonly jobs?: number;
  readonly queue?: string;
  readonly retryFailed?: boolean;
  readonly json?: boolean;
}

export function describeCommand(): Command {
  return new Command('describe')
    .description('describe an archive of tiles; the same command goes on after an interruption')
    .argument('<source>', 'a folder of images, a list of them (.txt, .csv, .parquet), or a GeoTIFF')
    .requiredOption('--run <run>', 'the run of a captioner')
    .requiredOption('--out <dir>', 'folder of what is said, new or empty')
    .option('--tile <n>', 'cut images, as mosaics, into tiles of so many pixels', wholeNumber(8, 4096))
    .option('--overlap <n>', 'pixels that neighbouring tiles share', wholeNumber(0, 4095), 0)
    .option('--footprints', 'write GeoJSON with where tiles are (default: where --tile is given)')
    .option('--no-footprints', 'do not, such as for a mosaic without georeference')
    .option('--classify <run>', 'the run of a classifier, to say what class tiles are of')
    .addOption(new Option('--format <name>', 'of what is said').choices(['jsonl', 'parquet']).default('jsonl'))
    .option('--shard <n>', 'tiles a file', wholeNumber(1, 1_000_000), 1000)
    .addOption(beamOption())
    .addOption(consensusOption())
    .addOption(
      new Option('--checkpoint <which>', "which of the run's parameters (default: as configured)").choices([
        'last',
        'best',
      ]),
    )
    .option('--retry-failed', 'describe shards again that have tiles which failed, such as after those were mended')
    .option('--jobs <n>', 'processes at once; as many as there are cores by default', wholeNumber(1, 1024))
    .addOption(queueOption('have it done by workers ("legenda worker") that listen there'))
    .addOption(threadsOption('1 by default, of each process'))
    .addOption(deviceOption())
    .addOption(jsonOption())
    .action(describe);
}

async function describe(given: string, options: Options): Promise<void> {
  const { openSource } = await import('../archive/source/open-source.js');
  const { beginArchive } = await import('../archive/begin-archive.js');
  const { holdFolder } = await import('../data/hold-folder.js');
  const { describeArchive } = await import('../queue/describe-archive.js');
  const { out } = options;
  const dir = resolve(out);
  checkBoard(options);
  const source = await openSource(given);
  const wanted = await wantedOf(options);
  using interrupt = onInterrupt();
  const { signal } = interrupt;
  await using board = await openBoard(options);
  await using hold = await holdFolder(dir, `${out} is being described`, { signal });
  const archive = await beginArchive(dir, source, wanted, signal);
  const { tiles, shards } = archive.manifest;
  note(`${tiles} ${tiles === 1 ? 'tile' : 'tiles'} in ${shards} ${shards === 1 ? 'shard' : 'shards'}`);
  if (options.retryFailed) {
    const { forgetFailed } = await import('../archive/forget-failed.js');
    note(`shards with tiles that failed, to be described again: ${await forgetFailed(archive, signal)}`);
  }
  using progress = startProgress({ label: 'tiles', total: tiles });
  const goesOn = new Interrupted(
    options.queue ? leftInQueue(out) : 'interrupted; the same command goes on where it was',
  );
  const summary = await describeArchive(archive, board, {
    signal: AbortSignal.any([signal, hold.lost]),
    onTiles: (done) => progress.update(done),
  }).catch((error) => {
    throw signal.aborted ? goesOn : error;
  });
  progress.stop();
  if (options.json) printJson({ dir: out, ...summary });
  else
    print(
      `${out}: ${summary.described} of ${tiles} tiles described${summary.failed > 0 ? `, ${summary.failed} failed (failures.jsonl)` : ''}`,
    );
  if (tiles > 0 && summary.described === 0)
    throw new LegendaError('no tile could be described: failures.jsonl says why');
}

/** What the archive is to be, as the options say and the runs are. */
async function wantedOf(options: Options): Promise<Wanted> {
  const { chooseWriting } = await import('../decode/write-captions.js');
  const { writingOf } = await import('../recipes/prepare-captioner.js');
  const { openCaptioner } = await import('../recipes/open-captioner.js');
  const { openTrained } = await import('../recipes/open-run.js');
  const { describeVersions } = await import('../recipes/machine.js');
  const { run, classify, tile, overlap, checkpoint, shard, format } = options;
  if (tile === undefined && overlap > 0) throw new UsageError('--overlap is of tiles: give --tile too');
  if (tile !== undefined && overlap >= tile)
    throw new UsageError(`--overlap: less than the tile's ${tile} pixels is expected, ${overlap} came`);
  const trained = await openCaptioner(run, checkpoint);
  const writing = chooseWriting(options, writingOf(trained.configuration));
  const classifier = classify === undefined ? undefined : await openTrained(classify);
  const runtime = await openRuntime({ ...options, threads: options.threads ?? 1 });
  const { legenda, onnxruntime } = describeVersions(runtime.version);
  const about = ({ record, step, sha256 }: { record: { recipe: string }; step: number; sha256: string }) => ({
    recipe: record.recipe,
    step,
    sha256,
  });
  return {
    tiling: tile === undefined ? null : { tile, overlap },
    footprints: options.footprints ?? tile !== undefined,
    shardSize: shard,
    output: format,
    captioner: { run, ...about(trained), ...writing, checkpoint: checkpoint ?? null },
    classifier: classify === undefined ? null : { run: classify, ...about(classifier!) },
    threads: runtime.threads,
    device: runtime.device,
    versions: { legenda, onnxruntime },
  };
}
