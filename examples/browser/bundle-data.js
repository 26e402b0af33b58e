// Writes Fashion-MNIST as the one file that the page fetches: the full set where it was downloaded, else the bundled sample.
//
//     node examples/browser/bundle-data.js [OUT.safetensors]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeSafetensors, tensor } from 'legenda';
import { dataRoot, loadFashionMnist, loadFashionMnistSample } from 'legenda/node';

const out = process.argv[2] ?? fileURLToPath(new URL('public/fashion-mnist.safetensors', import.meta.url));
const set = await loadFashionMnist({ root: dataRoot() }).catch(loadFashionMnistSample);

const tensors = new Map();
for (const split of ['train', 'test']) {
  const { pixels, labels, count, channels, height, width } = set[split];
  tensors.set(`${split}.pixels`, tensor('uint8', [count, channels, height, width], pixels));
  tensors.set(`${split}.labels`, tensor('uint8', [count], labels));
}
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, encodeSafetensors(tensors, { classes: JSON.stringify(set.classes) }));
console.log(`${out}: ${set.train.count} images to train on, ${set.test.count} to test on`);
