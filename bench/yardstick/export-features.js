// node bench/yardstick/export-features.js OUT [DATASET] [ENCODER.onnx]: what the captioners are shown, for captioner.py:
// OUT/features.f16 (image by image) and OUT/captions.json.
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { configure, dataRoot, nodeRuntime, recipeNamed } from '../../dist/node.js';
import { showSet } from '../../dist/recipes/show-set.js';
import { float32ToFloat16 } from '../../dist/tensor/half.js';

const [out, dataset = 'ucm-captions', encoder = 'mobilenetv2-features.onnx'] = process.argv.slice(2);
const configuration = configure(recipeNamed('captioner'), { dataset, encoder });
const { set, images } = await showSet(configuration, {
  root: dataRoot(),
  runtime: nodeRuntime(),
  onWarning: console.error,
});
const size = images.shape.reduce((a, b) => a * b);
const values = new Float32Array(size);
const halves = new Uint16Array(size);
mkdirSync(out, { recursive: true });
const file = openSync(join(out, 'features.f16'), 'w');
for (let i = 0; i < set.images.length; i++) {
  await images.fill([i], values);
  float32ToFloat16(values, halves);
  writeSync(file, halves);
}
closeSync(file);
const captions = set.images.map(({ split, captions: own }) => ({ split, tokens: own.map(({ tokens }) => tokens) }));
writeFileSync(join(out, 'captions.json'), JSON.stringify({ shape: images.shape, images: captions }));
console.log(`${out}: ${set.images.length} images, ${images.shape.join('×')} each`);
