import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '../files.js';
import { end, pad, start, unknown } from '../text/vocabulary.js';
import { exportCaptioner } from '../train/export-captioner.js';
import type { TrainedCaptioner } from './open-captioner.js';
import { withEncoder } from './with-encoder.js';

/** What of a captioner's folder is what, in its `captioner.json`. */
export interface CaptionerManifest {
  readonly format: 1;
  /** Files that are run: once an image, once a word. */
  readonly look: string;
  readonly say: string;
  /** Of an image: red, green, blue from 0 to 1, minus the mean, over the deviation, [3, side, side]. */
  readonly image: TrainedCaptioner['preprocessing'];
  /** By number. */
  readonly words: readonly string[];
  /** The number that a caption starts from, the one that ends it, and those that are not written. */
  readonly start: number;
  readonly end: number;
  readonly never: readonly number[];
  readonly maxLength: number;
}

/**
 * Writes what it takes to caption images with ONNX Runtime alone: `look.onnx` with the encoder inside, `say.onnx` and
 * `captioner.json`.
 * @returns bytes by path
 * @throws LegendaError when the encoder's file cannot be read, or a file not be written
 */
export async function exportCaptionerRun(trained: TrainedCaptioner, dir: string): Promise<Map<string, number>> {
  const { preprocessing, vocabulary, configuration } = trained;
  const { network, parameters } = await withEncoder(trained);
  const { side } = preprocessing;
  const { look, say } = exportCaptioner(network, [3, side, side], parameters);
  const manifest: CaptionerManifest = {
    ...{ format: 1, look: 'look.onnx', say: 'say.onnx', image: preprocessing, words: vocabulary.words },
    ...{ start, end, never: [pad, start, unknown], maxLength: configuration.maxLength },
  };
  const files = [
    [manifest.look, look],
    [manifest.say, say],
    ['captioner.json', new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`)],
  ] as const;
  const written = new Map<string, number>();
  await makeFolder(dir);
  for (const [name, bytes] of files) {
    const path = join(dir, name);
    await writeFileAtomic(path, bytes);
    written.set(path, bytes.length);
  }
  return written;
}
