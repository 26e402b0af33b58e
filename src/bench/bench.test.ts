import { describe, expect, test } from 'vitest';
import { oneThread, smallTraining } from '../../test/support/training.js';
import { Graph } from '../graph/graph.js';
import { printGraph } from '../graph/print.js';
import { gemm, matmul, relu } from '../ops/build.js';
import { ops } from '../ops/table.js';
import { configure } from '../recipes/configure.js';
import { recipeNamed, recipes } from '../recipes/table.js';
import { classifierStep } from '../train/classifier.js';
import { drawStep } from './drawn-step.js';
import { countOperations } from './operation-counts.js';
import { ProductsAlone, productsOf } from './products-alone.js';
import { spreadOver, timeInRounds, timesOf } from './rounds.js';
import { timeSteps } from './time-step.js';

test('operations are two for every multiplication with its addition', () => {
  const graph = new Graph(ops);
  const matrix = (name: string, ...shape: number[]) => graph.input(name, { dtype: 'float32', shape });
  const product = gemm(matrix('a', 5, 3), matrix('b', 3, 7), undefined, { transA: false });
  graph.output('y', relu(matmul(product, matrix('c', 7, 2))));
  expect(countOperations(graph)).toEqual({
    flop: 2 * (5 * 3 * 7 + 5 * 7 * 2),
    nodes: 3,
    byOp: { Gemm: 1, MatMul: 1, Relu: 1 },
  });
});

describe('products alone', () => {
  const small = {
    settings: { hidden: 5, embedding: 4 },
    sizes: { regions: 4, regionSize: 6, words: 3, vocabulary: 9 },
  };

  test.each(['fashion-cnn', 'captioner-attention'])('are those of a step of %s, and all of them', async (name) => {
    const { graph } = drawStep(
      recipeNamed(name),
      name === 'fashion-cnn' ? { batch: 2 } : { batch: 2, ...small },
    ).definition;
    const products = productsOf(graph);
    const whole = countOperations(graph);
    const { flop, byOp } = countOperations(products);
    expect(flop).toBe(whole.flop);
    const { Add, ...others } = byOp;
    expect(Add).toBe(1);
    expect(Object.keys(others).length).toBeGreaterThan(0);
    for (const [op, count] of Object.entries(others)) expect(whole.byOp[op]).toBe(count);
    await using alone = await ProductsAlone.compile(oneThread, graph);
    await alone.multiply();
  });

  test('share what they shared', () => {
    const graph = new Graph(ops);
    const matrix = (name: string) => graph.input(name, { dtype: 'float32', shape: [2, 2] });
    const [a, b] = [matrix('a'), matrix('b')];
    graph.output('y', matmul(relu(matmul(a, b)), b));
    const { inputs, outputs } = productsOf(graph);
    expect(inputs.filter(({ shape }) => shape.length === 2).length).toBe(3);
    expect([...outputs.keys()].sort()).toEqual(['done', 'product/0', 'product/1']);
  });
});

describe('a drawn step', () => {
  test('of a classifier is that of its training', async () => {
    const settings = { momentum: 0.9, averageDecay: 0.99, labelSmoothing: 0.1, clipNorm: 1 };
    const training = await smallTraining('fashion-cnn', settings);
    const drawn = drawStep(recipeNamed('fashion-cnn'), { settings });
    expect(printGraph(drawn.definition.graph)).toBe(printGraph(classifierStep(training, [1, 28, 28]).graph));
    expect(drawn).toMatchObject({ batch: 8, learningRate: 0.01 });
  });

  test.each(recipes)('$name is fed all that its graph takes', (recipe) => {
    const sizes = { regions: 4, regionSize: 6, words: 3, vocabulary: 9 };
    const small = recipe.kind === 'captioner' ? { settings: { hidden: 5, embedding: 4 }, sizes } : {};
    const { batch, definition, feeds } = drawStep(recipe, { batch: 2, ...small });
    expect(batch).toBe(2);
    expect(Object.keys(feeds).sort()).toEqual([...definition.inputs].sort());
    for (const input of definition.graph.inputs) {
      const feed = input.source.kind === 'input' ? feeds[input.source.name] : undefined;
      if (feed !== undefined) expect(feed).toMatchObject({ dtype: input.dtype, shape: input.shape });
    }
    if (recipe.kind === 'captioner') expect(feeds['images']!.shape).toEqual([2, 4, 6]);
  });

  test('has the batch that is configured, or the one that is given', () => {
    expect(drawStep(recipeNamed('fashion-cnn'), { settings: { batch: 3 } }).batch).toBe(3);
    expect(drawStep(recipeNamed('mlp')).batch).toBe(8);
    expect(() => drawStep(recipeNamed('fashion-cnn'), { settings: { batch: 3 }, batch: 4 })).toThrow(
      '"batch" is set twice',
    );
    expect(() => drawStep(recipeNamed('fashion-cnn'), { batch: 0 })).toThrow(/^batch: .* got 0$/);
  });

  test('decides by itself where words are the decoder’s own', () => {
    const settings = { scheduledSampling: 0.5, hidden: 4, embedding: 4, attention: 3 };
    const { feeds, definition } = drawStep(recipeNamed('captioner-attention'), {
      settings,
      batch: 4,
      sizes: { regions: 4, regionSize: 6, words: 10 },
    });
    expect(definition.inputs).toContain('own');
    const own = [...feeds['own']!.data].map(Number);
    expect(new Set(own)).toEqual(new Set([0, 1]));
  });

  test.each([
    ['fashion-cnn', { sizes: { words: 3 } }, 'words is a size of captioners, fashion-cnn is a classifier'],
    ['fashion-cnn', { batch: 2 ** 20 }, 'pixels of 1048576×1×28×28 take 3288334336 bytes, at most 2147483648'],
    ['captioner', { settings: { encoder: 'resnet18' } }, '"encoder" changes nothing here'],
    ['captioner', { sizes: { words: 0 } }, 'words: a whole number from 1 is expected, 0 came'],
    ['captioner', { sizes: { vocabulary: 4 } }, 'vocabulary: a whole number from 5 is expected, 4 came'],
    ['captioner', { settings: { hiden: 3 } }, '"hiden" (did you mean hidden?) is no key of captioner'],
  ])('%s is refused with %j', (name, options, message) => {
    expect(() => drawStep(recipeNamed(name), options)).toThrow(message);
  });

  test('of a network that is only counted is trained as fashion-cnn is', () => {
    const { lr } = configure(recipeNamed('fashion-cnn'), {}) as { lr: number };
    expect(drawStep(recipeNamed('conv-pool-linear')).learningRate).toBe(lr);
  });
});

describe('rounds', () => {
  test('take works in turn, each as often as it says', async () => {
    const done: string[] = [];
    const work = (name: string, times: number[]) => ({ once: async () => done.push(name), times });
    const times = await timeInRounds([work('a', [2, 0, 1]), work('b', [1, 1])]);
    expect(done.join('')).toBe('aabba');
    expect(times.map(({ length }) => length)).toEqual([3, 2]);
  });

  test('stop when told', async () => {
    const controller = new AbortController();
    let done = 0;
    const once = async () => {
      if (++done === 2) controller.abort(new Error('enough'));
    };
    await expect(timeInRounds([{ once, times: [5] }], controller.signal)).rejects.toThrow('enough');
    expect(done).toBe(2);
  });

  test('share times evenly, and lose none', () => {
    expect(spreadOver(4, 10)).toEqual([2, 3, 2, 3]);
    for (const [rounds, times] of [
      [9, 9],
      [9, 500],
      [1, 1],
      [3, 2],
    ] as const)
      expect(spreadOver(rounds, times).reduce((a, b) => a + b)).toBe(times);
  });

  test('come to a median, a least and a greatest', () => {
    expect(timesOf([3, 1, 9, 2, 4])).toEqual({ median: 3, least: 1, greatest: 9, count: 5 });
  });
});

describe('times of steps', () => {
  const small = () => drawStep(recipeNamed('fashion-mlp'), { batch: 2 });

  test('are of each step, as often as is asked for', async () => {
    const costs = await timeSteps([small(), { ...drawStep(recipeNamed('mlp'), { batch: 1 }), stepsAtOnce: 1 }], {
      runtime: oneThread,
      steps: 2,
    });
    expect(costs).toHaveLength(2);
    // the one takes both at once, the other one by one
    expect(costs.map(({ step: { count, rounds } }) => [count, rounds])).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(costs[0]!.operations).toEqual(countOperations(small().definition.graph));
  });

  test('are not given of a training that has gone wrong', async () => {
    const wrong = { ...small(), learningRate: 1e38 };
    await expect(timeSteps([wrong], { runtime: oneThread, steps: 2 })).rejects.toThrow(
      'fashion-mlp: the loss is NaN after 4 steps, a number is expected',
    );
  });
});
