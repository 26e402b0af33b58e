/** Parameters that PyTorch wrote, and PyTorch reading ours: the same outputs either way. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Value } from '../../src/graph/graph.js';
import { FashionCnn } from '../../src/models/classifier.js';
import { Flatten, LogSoftmax, ReLU } from '../../src/nn/activation.js';
import { BatchNorm2d } from '../../src/nn/batch-norm2d.js';
import { Conv2d } from '../../src/nn/conv2d.js';
import { Linear } from '../../src/nn/linear.js';
import { initialParameters, Module } from '../../src/nn/module.js';
import { MaxPool2d } from '../../src/nn/pool.js';
import { loadStateDict, stateDict } from '../../src/nn/state-dict.js';
import type { Trace } from '../../src/nn/trace.js';
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

class Normalised extends Module {
  readonly conv1 = new Conv2d(1, 2, 3, { padding: 1, bias: false });
  readonly norm1 = new BatchNorm2d(2);
  readonly conv2 = new Conv2d(2, 3, 5, { padding: 2, bias: false });
  readonly norm2 = new BatchNorm2d(3);
  readonly fc1 = new Linear(147, 8);
  readonly fc2 = new Linear(8, 6);
  readonly fc3 = new Linear(6, 10);
  readonly pool = new MaxPool2d(2);
  readonly relu = new ReLU();
  readonly flatten = new Flatten();
  readonly logSoftmax = new LogSoftmax();

  protected forward(x: Value, trace: Trace): Value {
    const through = (value: Value, ...layers: Module[]) => layers.reduce((h, layer) => layer.call(h, trace), value);
    const h = through(x, this.conv1, this.norm1, this.relu, this.pool, this.conv2, this.norm2, this.relu, this.pool);
    return through(h, this.flatten, this.fc1, this.relu, this.fc2, this.relu, this.fc3, this.logSoftmax);
  }
}

/** The networks that networks.py has. */
const networks = { 'fashion-cnn': () => new FashionCnn(), normalised: () => new Normalised() } as const;
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
  ['normalised.safetensors', 'normalised', (bytes) => bytes],
  ['normalised-half.safetensors', 'normalised', (bytes) => bytes],
])('%s gives what PyTorch computed', async (file, network, unpack) => {
  const model = networks[network]();
  const { tensors } = decodeSafetensors(unpack(readFileSync(new URL(file, folder))));
  expect(tensors.has('norm1.num_batches_tracked')).toBe(network === 'normalised');
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
