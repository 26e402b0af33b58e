/** Parameters that PyTorch wrote, and PyTorch reading ours: the same outputs either way. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { FashionCnn } from '../../src/models/classifier.js';
import { FashionCnnBest } from '../../src/models/fashion-cnn-best.js';
import { initialParameters, type Module } from '../../src/nn/module.js';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/tensor/safetensors.js';
import { type Tensor, tensor } from '../../src/tensor/tensor.js';
import { InferenceModel } from '../../src/train/inference.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { pythonWith } from '../support/python.js';

const folder = new URL('../golden/state-dict/', import.meta.url);
const outputs = new Map<string, readonly number[]>(
  readFileSync(new URL('outputs.jsonl', folder), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map((golden) => [golden.file, golden.outputs]),
);

/** The networks that networks.py has. */
const networks = {
  'fashion-cnn': () => new FashionCnn(),
  'fashion-cnn-best': () => new FashionCnnBest({ channels: [2, 3], kernels: [3, 5], hidden: [8, 6], dropout: 0.2 }),
} as const;
type Network = keyof typeof networks;

/** What networks.py has as `images()`. */
const shape = [4, 1, 28, 28];
const pixels = Array.from({ length: 4 * 784 }, (_, i) => ((i * 31 + Math.floor(i / 784) * 77) % 257) / 256);

async function infer(model: Module, parameters: ReadonlyMap<string, Tensor>): Promise<Tensor> {
  await using inference = await InferenceModel.compile(nodeRuntime({ threads: 1 }), model, { dtype: 'float32', shape });
  return await inference.run(tensor('float32', shape, pixels), parameters);
}

const expected = (values: readonly number[]) =>
  ({ dtype: 'float32', shape: [4, 10], data: Float64Array.from(values) }) as const;

it.each<[string, Network, (bytes: Uint8Array) => Uint8Array]>([
  ['fashion-cnn.safetensors.gz', 'fashion-cnn', gunzipSync],
  ['fashion-cnn-best.safetensors', 'fashion-cnn-best', (bytes) => bytes],
  ['fashion-cnn-best-half.safetensors', 'fashion-cnn-best', (bytes) => bytes],
])('%s gives what PyTorch computed', async (file, network, unpack) => {
  const model = networks[network]();
  const { tensors } = decodeSafetensors(unpack(readFileSync(new URL(file, folder))));
  expect(tensors.has('norm1.num_batches_tracked')).toBe(network === 'fashion-cnn-best');
  const result = await infer(model, loadStateDict(model, tensors));
  expectClose(result, expected(outputs.get(file.split('.')[0]!)!), float32Tolerance, file);
});

const torch = pythonWith('torch');

it.skipIf(torch === undefined)(
  'PyTorch reads what is written here and computes the same (skipped where there is no PyTorch)',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'legenda-'));
    try {
      const models = (Object.keys(networks) as Network[]).map((network) => {
        const model = networks[network]();
        const parameters = initialParameters(model, 5);
        for (const [name, { data }] of parameters) {
          // as after some training
          if (name.includes('running')) (data as Float32Array).set([...data.keys()].map((i) => i + 0.5));
        }
        const file = join(dir, `${network}.safetensors`);
        writeFileSync(file, encodeSafetensors(stateDict(model, parameters), { format: 'pt' }));
        return { network, file, model, parameters };
      });
      const script = fileURLToPath(new URL('networks.py', folder));
      const args = ['-B', script, ...models.flatMap(({ network, file }) => [network, file])];
      const printed = execFileSync(torch!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const computed: readonly (readonly number[])[] = JSON.parse(printed);
      for (const [i, { network, model, parameters }] of models.entries()) {
        expectClose(await infer(model, parameters), expected(computed[i]!), float32Tolerance, network);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);
