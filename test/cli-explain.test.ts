import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inverse, type Matrix } from 'ml-matrix';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { generateHeads, normalMatrix } from '../src/explain/heads/generate.js';
import { Graph } from '../src/graph/graph.js';
import { writeOnnx } from '../src/onnx/write.js';
import { add, matmul } from '../src/ops/build.js';
import { ops } from '../src/ops/table.js';
import { encodeSafetensors } from '../src/tensor/safetensors.js';
import { tensor } from '../src/tensor/tensor.js';
import { legenda, refused } from './support/cli.js';
import { inFolder } from './support/training.js';

const drawn = ['--length', '12', '--embedding', '16', '--dimension', '4', '--heads', '2', '--seed', '1'];

test.concurrent('heads that are equivalent are found out, with what links them', async () => {
  const { status, stdout } = await legenda(['explain', 'heads', ...drawn, '--equivalent', '--json']);
  expect(status).toBe(0);
  const { heads, pairs, equivalent } = JSON.parse(stdout);
  expect(equivalent).toEqual([[0, 1]]);
  for (const { rank, probabilities } of heads) {
    expect(rank).toBeLessThanOrEqual(4);
    expect(Math.max(probabilities.plain, probabilities.scaled)).toBeLessThanOrEqual(1e-12);
  }
  expect(pairs[0].probabilities).toBeLessThanOrEqual(1e-12);
  expect(pairs[0].link.error).toBeLessThanOrEqual(1e-8);
  expect(pairs[0].link.B).toHaveLength(4);

  const others = await legenda(['explain', 'heads', ...drawn, '--json']);
  expect(JSON.parse(others.stdout).equivalent).toEqual([]);
  const table = await legenda(['explain', 'heads', ...drawn, '--equivalent']);
  expect(table.stdout).toContain('4 of at most 4');
  expect(table.stdout.trimEnd().endsWith('the same head: 0 and 1')).toBe(true);
});

/** W_Q and W_K of three heads, the last the first by another B. */
function layer() {
  const { heads } = generateHeads({ embedding: 6, dimension: 2, heads: 2, equivalent: false, seed: 3 });
  const link = normalMatrix(2, 2, 1, 3, 'link');
  const [{ query, key }] = heads as [(typeof heads)[0]];
  return [...heads, { name: 'again', query: query.mmul(link), key: key.mmul(inverse(link).transpose()) }];
}

/** [heads·d, n] */
const stacked = (matrices: readonly Matrix[]): number[] => matrices.flatMap((matrix) => matrix.transpose().to1DArray());

test.concurrent('heads are read from the files of other people', async () => {
  await inFolder(async (root) => {
    const heads = layer();
    const [queries, keys] = [stacked(heads.map(({ query }) => query)), stacked(heads.map(({ key }) => key))];
    const equivalentIn = async (file: string, ...options: string[]) => {
      const { status, stdout, stderr } = await legenda([
        'explain',
        'heads',
        file,
        '--heads',
        '3',
        '--json',
        ...options,
      ]);
      expect(status, stderr).toBe(0);
      return JSON.parse(stdout).equivalent;
    };

    const packed = join(root, 'packed.safetensors');
    const values = [...queries, ...keys, ...Array(36).fill(0)];
    writeFileSync(
      packed,
      encodeSafetensors(new Map([['attention.in_proj_weight', tensor('float32', [18, 6], values)]])),
    );
    expect(await equivalentIn(packed)).toEqual([[0, 2]]);

    const apart = join(root, 'apart.safetensors');
    const both = new Map([
      ['q_proj.weight', tensor('float32', [6, 6], queries)],
      ['k_proj.weight', tensor('float32', [6, 6], keys)],
      ['q_proj.bias', tensor('float32', [6], Array(6).fill(0))],
    ]);
    writeFileSync(apart, encodeSafetensors(both));
    expect(await equivalentIn(apart, '--query', 'q_proj.weight', '--key', 'k_proj.weight')).toEqual([[0, 2]]);

    const onnx = join(root, 'model.onnx');
    const graph = new Graph(ops);
    const x = graph.input('x', { dtype: 'float32', shape: [4, 6] });
    const parameter = (name: string) => graph.input(name, { dtype: 'float32', shape: [6, 6] });
    graph.output('y', add(matmul(x, parameter('query')), matmul(x, parameter('key'))));
    // a MatMul has inputs in rows
    const turned = (numbers: readonly number[]) =>
      tensor(
        'float32',
        [6, 6],
        Array.from({ length: 36 }, (_, i) => numbers[(i % 6) * 6 + Math.floor(i / 6)]!),
      );
    const initialisers = new Map([
      ['query', turned(queries)],
      ['key', turned(keys)],
    ]);
    writeFileSync(onnx, writeOnnx(graph, { initialisers }));
    expect(await equivalentIn(onnx, '--query', 'query', '--key', 'key')).toEqual([[0, 2]]);

    const explain = (...args: string[]) => ['explain', 'heads', ...args];
    await refused(
      explain(apart),
      2,
      'name the tensors of queries and keys (query, key, or packed): no tensor is',
      root,
    );
    await refused(explain(apart, '--query', 'q_proj.weight'), 2, 'query and key: both or none are expected', root);
    const names = ['--query', 'q_proj.weight', '--key', 'k_proj.weight'];
    await refused(
      explain(apart, ...names, '--heads', '4'),
      1,
      `${apart}: q_proj.weight and k_proj.weight: 6 columns`,
      root,
    );
    await refused(
      explain(apart, '--query', 'q_proj.bias', '--key', 'k_proj.weight'),
      1,
      `${apart}: "q_proj.bias" is [6], a matrix is expected`,
      root,
    );
    await refused(
      explain(apart, '--query', 'q', '--key', 'k'),
      1,
      `${apart}: there is no tensor "q"; matrices are k_proj.weight, q_proj.weight`,
      root,
    );
    await refused(explain(join(root, 'none.safetensors')), 1, 'cannot read', root);
    await refused(
      explain(join(root, 'model.pt')),
      2,
      `${join(root, 'model.pt')}: a name that ends in .safetensors or .onnx is expected`,
      root,
    );
    await refused(explain(apart, '--equivalent'), 2, 'equivalent: only heads that are generated have one', root);
    await refused(explain('--rows', 'inputs'), 2, 'rows: only heads in a file have one', root);
    await refused(explain('--dimension', '17'), 2, 'dimension: at most the embedding of 16 is expected, 17 came', root);
    const broken = join(root, 'broken.onnx');
    writeFileSync(broken, 'a text');
    await refused(explain(broken), 1, `${broken}: not an ONNX model`, root);
  });
});

test.concurrent('convolutions of a trained network are equivariant, pooling only by whole places', async () => {
  await inFolder(async (root) => {
    const train = async (recipe: string) => {
      const out = join(root, recipe);
      const trained = await legenda(['train', recipe, '--sample', '--threads', '1', '--out', out, '--set', 'epochs=3']);
      expect(trained.status, trained.stderr).toBe(0);
      return out;
    };
    const runs = await Promise.all(['fashion-cnn', 'fashion-mlp'].map(train));
    const options = ['--most', '2', '--images', '200', '--threads', '1'];
    const { status, stdout, stderr } = await legenda(['explain', 'equivariance', ...runs, ...options, '--json']);
    expect(status, stderr).toBe(0);
    const [cnn, mlp] = JSON.parse(stdout);
    const of = (path: string) => cnn.layers.find((layer: { path: string }) => layer.path === path);
    for (const path of ['conv1', 'conv2']) expect(of(path).ofAll).toBeLessThan(1e-5);
    expect(of('pool1').ofWholePlaces).toBeLessThan(1e-5);
    expect(of('pool1').ofAll).toBeGreaterThan(0.1);
    expect(mlp.layers).toEqual([]);
    for (const { accuracy } of [cnn, mlp]) expect(accuracy).toHaveLength(25);
    const table = await legenda(['explain', 'equivariance', runs[1]!, ...options]);
    expect(table.stdout).toContain('no layer makes images of images');
    expect(table.stdout).toMatch(/DOWN \\ RIGHT +-2 +-1 +0 +1 +2\n/);
    await refused(['explain', 'equivariance', join(root, 'none')], 1, 'cannot open the run folder', root);
    await classifierExplained(runs[0]!, runs[1]!, root);
  });
}, 180_000);

/** What the layers of a classifier see, and what its answers rest on. */
async function classifierExplained(cnn: string, mlp: string, root: string): Promise<void> {
  const explain = async (...words: string[]) => {
    const { status, stdout, stderr } = await legenda(['explain', ...words]);
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const filters = JSON.parse(await explain('filters', cnn, '--json', '--out', join(root, 'filters')));
  expect(filters.map(({ layer, filters: out, channels }: Record<string, unknown>) => [layer, out, channels])).toEqual([
    ['conv1', 16, 1],
    ['conv2', 32, 16],
  ]);
  expect(filters[0].orientation.initial.value).toBeGreaterThan(0.05);
  expect(readdirSync(join(root, 'filters')).filter((name) => name.endsWith('.png'))).toEqual([
    ...['filters-all-conv2.png', 'filters-conv1.png', 'filters-conv2.png'],
  ]);
  await refused(['explain', 'filters', mlp], 1, `${mlp}: fashion-mlp has no convolutions`, root);

  const out = ['--images', '60', '--channels', '2', '--top', '3', '--threads', '1', '--out', join(root, 'layers')];
  const layers = JSON.parse(await explain('activations', cnn, '--json', '--layers', 'relu1,conv2', ...out));
  const conv2 = layers.find(({ path }: { path: string }) => path === 'conv2');
  expect(conv2.selectivity).toHaveLength(32);
  expect(conv2.shown).toHaveLength(2);
  for (const { exciting, maximised } of conv2.shown) {
    const values = exciting.map(({ value }: { value: number }) => value);
    expect(values).toHaveLength(3);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(maximised).toBeGreaterThan(0.9 * values[0]);
  }
  expect(readdirSync(join(root, 'layers')).filter((name) => name.endsWith('.svg'))).toEqual([
    ...[
      'activations-conv2.svg',
      'activations-relu1.svg',
      'exciting-conv2.svg',
      'exciting-relu1.svg',
      'selectivity.svg',
    ],
  ]);
  const isShown = ({ shown }: { shown: unknown[] }) => shown.length > 0;
  expect(layers.filter(isShown).map(({ path }: { path: string }) => path)).toEqual(['relu1', 'conv2']);
  expect(layers.length).toBeGreaterThan(2);
  expect(await explain('activations', '--help')).toMatch(/tell\s+classes\s+apart\s+is\s+said\s+of\s+all\s+of\s+them/);
  expect(await explain('activations', cnn, '--images', '20', '--threads', '1')).toMatch(/conv1 +0 +\S/);
  await refused(
    ['explain', 'activations', cnn, '--layers', 'conv9'],
    1,
    '"conv9" is no layer with channels; there are conv1, relu1',
    root,
  );

  const page = await legenda(['report', cnn, mlp, '--out', join(root, 'page')]);
  expect(page, page.stderr).toMatchObject({ status: 0 });
  const html = readFileSync(join(root, 'page', 'index.html'), 'utf8');
  for (const text of ['Runs compared', 'fashion-mlp-sample-chapter', 'Why convolutions suit images'])
    expect(html.includes(text), text).toBe(true);
  const saliency = ['saliency', cnn, '--of', '3,5', '--threads', '1'];
  const answers = JSON.parse(await explain(...saliency, '--json', '--out', join(root, 'saliency')));
  expect(answers.map(({ image }: { image: number }) => image)).toEqual([3, 5]);
  for (const { completeness } of answers)
    expect(Math.abs(completeness.sum / completeness.difference - 1)).toBeLessThan(0.01);
  expect(readdirSync(join(root, 'saliency'))).toEqual(['decisions.png', 'decisions.svg']);
  const asked = JSON.parse(await explain(...saliency, '--class', 'bag', '--json'));
  expect(asked.map(({ said }: { said: string }) => said)).toEqual(['Bag', 'Bag']);
  await refused(['explain', ...saliency, '--class', 'hat'], 2, 'there is no class "hat"; there are T-shirt/top', root);
  await refused(['explain', 'saliency', cnn, '--of', '10000000'], 2, 'there is no test image 10000000', root);
  await refused(
    ['explain', 'saliency', cnn, '--of', '1,x'],
    2,
    "option '--of <numbers>' argument '1,x' is invalid. Whole numbers from 0",
    root,
  );
  const file = join(root, 'white.png');
  await sharp({ create: { width: 60, height: 40, channels: 3, background: '#fff' } }).toFile(file);
  const [own] = JSON.parse(await explain('saliency', cnn, file, '--threads', '1', '--json'));
  expect(own).toMatchObject({ name: 'white.png', said: expect.any(String) });
  const drawn = ['--images', '20', '--channels', '1', '--threads', '1', '--out', join(root, 'own')];
  await explain('activations', cnn, file, file, ...drawn);
  expect(readFileSync(join(root, 'own', 'activations-conv1.svg'), 'utf8').match(/>white.png</g)).toHaveLength(2);
  await refused(['explain', 'saliency', cnn, file, '--of', '1'], 2, '--of: numbers of test images and a file', root);
  await refused(['explain', 'saliency', cnn, join(root, 'none.png')], 1, `cannot read ${join(root, 'none.png')}`, root);
  await refused(['explain', 'saliency', cnn, '--words', 'river'], 2, '--words: captioners have one', root);
}
