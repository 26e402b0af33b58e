// Captions an image with what `legenda export RUN FOLDER` writes: ONNX Runtime and an image library are all that it takes.
// Without arguments it first trains a captioner for a moment, and fails when the caption is another than the run's own.
//
//     npm run setup && node examples/caption-with-onnxruntime.js [FOLDER IMAGE]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

async function caption(folder, file) {
  const about = JSON.parse(readFileSync(join(folder, 'captioner.json'), 'utf8'));
  const look = await InferenceSession.create(join(folder, about.look));
  const say = await InferenceSession.create(join(folder, about.say));

  const seen = await look.run({ images: await pixelsOf(file, about.image) });
  const said = [];
  let word = about.start;
  while (said.length < about.maxLength) {
    const words = new Tensor('int64', BigInt64Array.of(BigInt(word)), [1]);
    const feeds = { ...seen, words };
    const next = await say.run(Object.fromEntries(say.inputNames.map((name) => [name, feeds[name]])));
    const scores = next.logProbabilities.data;
    word = about.end;
    for (const [number, score] of scores.entries())
      if (!about.never.includes(number) && score > scores[word]) word = number;
    if (word === about.end) break;
    said.push(about.words[word]);
    seen.hidden = next['next/hidden'];
    seen.cell = next['next/cell'];
  }
  return said.join(' ');
}

async function pixelsOf(file, { side, fit, mean, std }) {
  const fitted = { fit: fit === 'crop' ? 'cover' : 'fill', kernel: 'linear' };
  const bytes = await sharp(file).resize(side, side, fitted).removeAlpha().toColourspace('srgb').raw().toBuffer();
  const pixels = new Float32Array(3 * side * side);
  for (let i = 0; i < side * side; i++)
    for (let c = 0; c < 3; c++) pixels[c * side * side + i] = (bytes[3 * i + c] / 255 - mean[c]) / std[c];
  return new Tensor('float32', pixels, [1, 3, side, side]);
}

async function trainAndCompare() {
  const dir = mkdtempSync(join(tmpdir(), 'legenda-caption-'));
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const legenda = (...args) => execFileSync(process.execPath, [main, ...args], { encoding: 'utf8', stdio: 'pipe' });
  const settings = [
    'scenes=100',
    'side=32',
    'channels=[8,8,16]',
    'embedding=16',
    'hidden=32',
    'attention=16',
    'lr=0.01',
  ];
  try {
    const [run, folder, image] = ['run', 'captioner', 'image.png'].map((name) => join(dir, name));
    const sets = [...settings, 'epochs=2'].flatMap((setting) => ['--set', setting]);
    legenda('train', 'captioner-attention', ...sets, '--threads', '1', '--out', run);
    legenda('export', run, folder);
    await sharp({ create: { width: 90, height: 60, channels: 3, background: 'olive' } }).toFile(image);
    const [expected, found] = [legenda('caption', run, image).trim().split('\t')[1], await caption(folder, image)];
    if (found !== expected) throw new Error(`"${found}" came, the run itself says "${expected}"`);
    return found;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const [folder, image] = process.argv.slice(2);
console.log(image === undefined ? await trainAndCompare() : await caption(folder, image));
