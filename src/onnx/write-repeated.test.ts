import { expect, test } from 'vitest';
import { Graph } from '../graph/graph.js';
import { add, constant, mul } from '../ops/build.js';
import { ops } from '../ops/table.js';
import { nodeRuntime } from '../runtime/node.js';
import { tensor } from '../tensor/tensor.js';
import { writeRepeated } from './write-repeated.js';

const pair = (a: number, b: number) => tensor('float32', [2], [a, b]);

/** Of what is fed, what is carried, and what stays; outputs that are an input, a constant, another output. */
function everything(): Graph {
  const graph = new Graph(ops);
  const type = { dtype: 'float32', shape: [2] } as const;
  const [x, total, last, v0] = ['x', 'total', 'last', 'v0'].map((name) => graph.input(name, type)) as [
    ReturnType<Graph['input']>,
    ReturnType<Graph['input']>,
    ReturnType<Graph['input']>,
    ReturnType<Graph['input']>,
  ];
  const scaled = mul(x, v0);
  const sum = add(total, scaled);
  graph.output('next/total', sum);
  graph.output('next/last', x);
  graph.output('sum', sum);
  graph.output('before', last);
  graph.output('fixed', constant(x, pair(7, 8)));
  return graph;
}

test('a graph that is repeated carries its state on and gives what every run gave', async () => {
  const carried = new Map([
    ['total', 'next/total'],
    ['last', 'next/last'],
  ]);
  const model = writeRepeated(everything(), { carried, each: new Set(['x']) });
  const session = await nodeRuntime({ threads: 1 }).compile(model);
  const run = (count: number, x: readonly number[]) =>
    session.run(
      { x: tensor('float32', [count, 2], x), total: pair(0, 1), last: pair(-1, -2), v0: pair(10, 100) },
      { 'next/total': true, 'next/last': true, sum: true, before: true, fixed: true },
    );
  const plain = (results: Awaited<ReturnType<typeof run>>) =>
    Object.fromEntries(
      Object.entries(results).map(([name, { shape, data }]) => [name, [shape, Array.from(data as Float32Array)]]),
    );
  expect(plain(await run(3, [1, 2, 3, 4, 5, 6]))).toEqual({
    'next/total': [[2], [90, 1201]],
    'next/last': [[2], [5, 6]],
    sum: [
      [3, 2],
      [10, 201, 40, 601, 90, 1201],
    ],
    before: [
      [3, 2],
      [-1, -2, 1, 2, 3, 4],
    ],
    fixed: [
      [3, 2],
      [7, 8, 7, 8, 7, 8],
    ],
  });
  expect(plain(await run(1, [1, 2]))).toMatchObject({
    'next/total': [[2], [10, 201]],
    before: [
      [1, 2],
      [-1, -2],
    ],
  });
  await session.release();
});

test('names of its own do not hide what is called alike around it', async () => {
  const graph = new Graph(ops);
  const type = { dtype: 'float32', shape: [2] } as const;
  const [w, x, stays, constantLike] = ['w', 'x', 'step/w', 'const/0'].map((name) => graph.input(name, type));
  graph.output('next/w', add(mul(w!, x!), constant(x!, pair(1, 1))));
  graph.output('sum', add(stays!, constantLike!));
  const model = writeRepeated(graph, { carried: new Map([['w', 'next/w']]), each: new Set(['x']) });
  const session = await nodeRuntime({ threads: 1 }).compile(model);
  const { 'next/w': next, sum } = await session.run(
    { x: tensor('float32', [2, 2], [1, 2, 3, 4]), w: pair(1, 1), 'step/w': pair(10, 20), 'const/0': pair(5, 6) },
    { 'next/w': true, sum: true },
  );
  expect([...(next!.data as Float32Array)]).toEqual([7, 13]);
  expect([...(sum!.data as Float32Array)]).toEqual([15, 26, 15, 26]);
  await session.release();
});
