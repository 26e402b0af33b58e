// Captions of many tiles: images a second from files to sentences, where the time goes, and the memory.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { Preprocessor } from '../dist/data/images/preprocess.js';
import { readAhead } from '../dist/data/images/read-ahead.js';
import { describeScene } from '../dist/data/scenes/describe.js';
import { renderScene } from '../dist/data/scenes/render.js';
import { captionImages, nodeRuntime, openCaptioner } from '../dist/node.js';
import { CaptionWriter } from '../dist/recipes/caption-writer.js';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const different = 100;

/** So many paths of JPEG files of 256×256 in a folder, of which a hundred differ. */
export async function makeTiles(folder, count) {
  const names = Array.from({ length: Math.min(count, different) }, (_, i) => join(folder, `${i}.jpg`));
  for (const [i, name] of names.entries()) {
    const { width, height, pixels } = await renderScene(describeScene(9, i), 256);
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toFile(name);
  }
  return Array.from({ length: count }, (_, i) => names[i % names.length]);
}

/** A run that has learned enough to write whole sentences. */
export function trainCaptioner(folder) {
  const settings = { scenes: 400, epochs: 3, hidden: 192, embedding: 96, attention: 96, lr: 0.003 };
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const dir = join(folder, 'run');
  execFileSync(process.execPath, [main, 'train', 'captioner-attention', ...set, '--out', dir], { stdio: 'ignore' });
  return dir;
}

async function measure(run, paths, threads) {
  const phases = { reading: 0, encoding: 0, decoding: 0 };
  const start = performance.now();
  const memory = [];
  let words = 0;
  let done = 0;
  const onPhase = (phase, seconds) => {
    phases[phase] += seconds;
  };
  for await (const { captions } of captionImages(run, paths, { runtime: nodeRuntime({ threads }), onPhase })) {
    words += captions[0].text.split(' ').length;
    if (++done % 250 === 0) memory.push(process.memoryUsage.rss());
  }
  const seconds = (performance.now() - start) / 1000;
  return { rate: paths.length / seconds, phases, seconds, words: words / paths.length, memory };
}

/** Milliseconds that each phase takes an image when it has the machine to itself. */
async function measureAlone(run, paths, threads) {
  const spent = { reading: 0, encoding: 0, decoding: 0 };
  const timed = async (phase, work) => {
    const start = performance.now();
    const result = await work();
    spent[phase] += (performance.now() - start) / paths.length;
    return result;
  };
  const writer = await CaptionWriter.open(run, { runtime: nodeRuntime({ threads }) });
  const batches = [];
  await timed('reading', async () => {
    for await (const { sources, pixels } of readAhead(new Preprocessor(run.preprocessing), paths, writer.batch))
      batches.push({ pixels: pixels.slice(), count: sources.length });
  });
  for (const { pixels, count } of batches) {
    const source = await timed('encoding', () => writer.look(pixels));
    await timed('decoding', () => writer.write(source, count));
  }
  await writer[Symbol.asyncDispose]();
  return spent;
}

/**
 * @param {number} count tiles a round
 * @param {number} threads of ONNX Runtime
 * @param {number} rounds
 */
export async function captionTiles(count, threads, rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'legenda-bench-'));
  try {
    const run = await openCaptioner(trainCaptioner(folder));
    const paths = await makeTiles(folder, count);
    await measure(run, paths.slice(0, 100), threads);
    const results = [];
    for (let round = 0; round < rounds; round++) results.push(await measure(run, paths, threads));
    const median = results.sort((a, b) => a.rate - b.rate)[Math.floor(rounds / 2)];
    return { ...median, alone: await measureAlone(run, paths, threads) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
