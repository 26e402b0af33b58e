import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { addGuardOptions, type GuardFlags, guardFrom } from './frame/guard-options.js';
import { onInterrupt } from './frame/interrupt.js';
import { beamOption, consensusOption, deviceOption, jsonOption, threadsOption, wholeNumber } from './frame/options.js';
import { note, printJson } from './frame/output.js';
import type { ComputeOptions } from './frame/runtime.js';

interface Options extends ComputeOptions, GuardFlags {
  readonly port: number;
  readonly checkpoint?: 'last' | 'best';
  readonly beam?: number;
  readonly consensus?: boolean;
  readonly batch: number;
  readonly inHand: number;
  readonly timeout: number;
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly json?: boolean;
}

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('answer requests over HTTP: what trained runs say of images')
    .argument('<runs...>', 'run folders; a model is called as its folder is')
    .option('--port <n>', 'port to listen on; 0 for a free one', wholeNumber(0, 65535), 8093);
  return addGuardOptions(command)
    .addOption(
      new Option('--checkpoint <which>', 'which parameters (default: as configured)').choices(['last', 'best']),
    )
    .addOption(beamOption())
    .addOption(consensusOption())
    .option('--batch <n>', 'the most images that are computed together', wholeNumber(1, 256), 16)
    .option('--in-hand <n>', 'requests that are let in at once; the next is answered 503', wholeNumber(1, 65536), 64)
    .option('--timeout <seconds>', 'within which an answer must be there', wholeNumber(1, 3600), 30)
    .option('--max-bytes <n>', 'of a request', wholeNumber(1, 2 ** 30), 16 * 2 ** 20)
    .option('--max-pixels <n>', 'of an image', wholeNumber(1), 50_000_000)
    .addOption(threadsOption('all cores but one by default, which decodes images'))
    .addOption(deviceOption())
    .addOption(jsonOption())
    .action(serve);
}

async function serve(dirs: readonly string[], options: Options): Promise<void> {
  const { startService } = await import('../serve/start.js');
  const { port, inHand, timeout, maxBytes, maxPixels, threads, device, checkpoint, beam, consensus, batch } = options;
  using interrupt = onInterrupt(['SIGINT', 'SIGTERM']);
  const service = await startService(named(dirs), {
    model: { threads: threads ?? Math.max(1, availableParallelism() - 1), device, checkpoint, beam, consensus, batch },
    guard: guardFrom(options),
    limits: { inHand, seconds: timeout, maxBytes, maxPixels },
    port,
    onError: (error) => note(`legenda: ${error instanceof Error ? error.stack : error}`),
  });
  if (options.json) printJson({ url: service.url, models: service.models }, { oneLine: true });
  note(`serving ${service.models.join(', ')} on ${service.url} (${service.url}/openapi.json); Ctrl-C ends it`);
  await service.until(interrupt.signal);
}

/** By name. */
function named(dirs: readonly string[]): ReadonlyMap<string, string> {
  const models = new Map<string, string>();
  for (const dir of dirs) {
    const name = basename(resolve(dir));
    const before = models.get(name);
    if (before !== undefined)
      throw new UsageError(`${before} and ${dir} are both called "${name}": a folder with another name is expected`);
    models.set(name, dir);
  }
  return models;
}
