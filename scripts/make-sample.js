// Makes data/fashion-mnist-sample: 300 training and 60 test images of each class of Fashion-MNIST, chosen by a seed.
// Needs the full set (legenda data get fashion-mnist) and a build (npm run setup); prints the digests to pin in
// src/data/fashion-mnist.ts.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { loadFashionMnist } from '../dist/data/fashion-mnist.js';
import { dataRoot } from '../dist/data/root.js';
import { permutation, stream } from '../dist/tensor/random.js';

const folder = fileURLToPath(new URL('../data/fashion-mnist-sample/', import.meta.url));
const full = await loadFashionMnist({ root: dataRoot() });
mkdirSync(folder, { recursive: true });
writeSample('train', full.train, 300);
writeSample('t10k', full.test, 60);

function writeSample(part, images, perClass) {
  const chosen = choose(part, images, perClass);
  const size = images.height * images.width;
  const pixels = Buffer.concat(chosen.map((i) => images.pixels.subarray(i * size, (i + 1) * size)));
  write(`${part}-images-idx3-ubyte`, [chosen.length, images.height, images.width], pixels);
  write(`${part}-labels-idx1-ubyte`, [chosen.length], Buffer.from(chosen.map((i) => images.labels[i])));
}

/** The first of each class in a random order, and so in random order. */
function choose(part, images, perClass) {
  const left = full.classes.map(() => perClass);
  return [...permutation(stream(2022, 'sample', part), images.count)].filter((i) => left[images.labels[i]]-- > 0);
}

function write(name, shape, data) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 0x08;
  header[3] = shape.length;
  shape.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  const content = Buffer.concat([header, data]);
  const stored = gzipSync(content, { level: 9 });
  writeFileSync(`${folder}${name}.gz`, stored);
  console.log(`${createHash('sha256').update(content).digest('hex')}  ${name}  ${stored.length} bytes stored`);
}
