/** Random shapes and geometries beyond the ops' own cases. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { interpret } from '../../src/ops/interpret.js';
import type { Case, CaseInput, NumberArray } from '../../src/ops/op.js';
import type { OpName } from '../../src/ops/table.js';
import { nodeRuntime } from '../../src/runtime/node.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { caseGraph } from '../oracle/case-graph.js';
import { finiteDifferences } from '../oracle/differences.js';
import { expectClose, float32Tolerance } from '../oracle/expect-close.js';
import { runGraph } from '../oracle/run-graph.js';

const runtime = nodeRuntime({ threads: 1 });
const options = { seed: 20, numRuns: 60 };

type Example = Case<object>;

/** The runtime agrees with the reference on results and gradients. */
async function runtimeAgrees(op: OpName, example: Example): Promise<void> {
  const { graph, feeds } = caseGraph(op, example as Case<never>);
  const expected = interpret(graph, feeds);
  const computed = await runGraph(runtime, graph, feeds);
  for (const [name, { dtype }] of graph.outputs) {
    expectClose(computed[name]!, { dtype, ...expected[name]! }, float32Tolerance, name);
  }
}

/**
 * In an input x that an op is linear in (or of degree 1, as a maximum), Σ w∘f(x) = Σ ∂/∂x ∘ x: the adjoint identity
 * <w, A x> = <Aᵀ w, x>.
 */
function adjointHolds(op: OpName, example: Example, linear: readonly number[]): void {
  const { graph, feeds } = caseGraph(op, example as Case<never>, 'float64');
  const { loss, ...results } = interpret(graph, feeds);
  for (const i of linear) expect(dot(results[`d${i}`]!, feeds[`x${i}`]!)).toBeCloseTo(loss!.data[0]!, 9);
}

const dot = (a: NumberArray, b: NumberArray): number => a.data.reduce((sum, value, i) => sum + value * b.data[i]!, 0);

const size = fc.integer({ min: 1, max: 4 });
const shapeOf = (rank: number) => fc.array(size, { minLength: rank, maxLength: rank });
const example = (inputs: readonly CaseInput[], attributes: object = {}): Example => ({
  name: 'random',
  inputs,
  attributes,
});

/** Two shapes that broadcast: parts of one, with some sizes 1. */
const broadcastPair = pairFrom(0);
function pairFrom(smallest: number): fc.Arbitrary<number[][]> {
  return fc.integer({ min: 0, max: 4 }).chain((rank) => {
    const part = fc.tuple(
      fc.integer({ min: 0, max: rank }),
      fc.array(fc.boolean(), { minLength: rank, maxLength: rank }),
    );
    const full = fc.array(fc.integer({ min: smallest, max: 3 }), { minLength: rank, maxLength: rank });
    return fc
      .tuple(full, part, part)
      .map(([shape, ...parts]) =>
        parts.map(([from, ones]) => shape.map((n, axis) => (ones[axis] ? 1 : n)).slice(from)),
      );
  });
}

it.each(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min'] as const)('%s of any shapes that broadcast', async (op) => {
  await fc.assert(
    fc.asyncProperty(broadcastPair, async ([a, b]) => {
      const input = { range: [0.5, 2], ...(op.startsWith('M') && { apart: 0.01 }) } as const;
      const random = example([
        { shape: a!, ...input },
        { shape: b!, ...input },
      ]);
      await runtimeAgrees(op, random);
      const { graph, feeds } = caseGraph(op, random as Case<never>, 'float64');
      const results = interpret(graph, feeds);
      for (const i of [0, 1]) {
        const loss = (x: NumberArray): number => interpret(graph, { ...feeds, [`x${i}`]: x })['loss']!.data[0]!;
        const x = feeds[`x${i}`]!;
        const expected = { dtype: 'float64', shape: x.shape, data: finiteDifferences(loss, x) } as const;
        expectClose({ dtype: 'float64', ...results[`d${i}`]! }, expected, { relative: 1e-6, absolute: 1e-6 });
      }
    }),
    { ...options, numRuns: 15 },
  );
});

it.each(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal'] as const)('%s of any shapes', async (op) => {
  await fc.assert(
    fc.asyncProperty(broadcastPair, fc.constantFrom('float32' as const, 'int64' as const), async ([a, b], dtype) => {
      await runtimeAgrees(op, example([a!, b!].map((shape) => ({ shape, dtype, range: [-1, 1] }))));
    }),
    { ...options, numRuns: 10 },
  );
});

// ONNX Runtime 1.30 refuses, or leaves unwritten, some products of vectors or repeated batches with an axis of size 0
it('MatMul of any batches that broadcast, and of vectors', async () => {
  const dims = fc.tuple(size, size, size);
  await fc.assert(
    fc.asyncProperty(pairFrom(1), dims, fc.boolean(), fc.boolean(), async ([a, b], [n, k, m], row, column) => {
      const left = row ? [k] : [...a!, n, k];
      const right = column ? [k] : [...b!, k, m];
      const random = example([{ shape: left }, { shape: right }]);
      await runtimeAgrees('MatMul', random);
      adjointHolds('MatMul', random, [0, 1]);
    }),
    options,
  );
});

it('Gemm of either matrix transposed', async () => {
  const scale = fc.constantFrom(1, 0.5, -2);
  await fc.assert(
    fc.asyncProperty(shapeOf(3), fc.boolean(), fc.boolean(), scale, async ([n, k, m], transA, transB, alpha) => {
      const inputs = [{ shape: transA ? [k!, n!] : [n!, k!] }, { shape: transB ? [m!, k!] : [k!, m!] }];
      const random = example(inputs, { alpha, beta: 1, transA, transB });
      await runtimeAgrees('Gemm', random);
      adjointHolds('Gemm', random, [0, 1]);
    }),
    options,
  );
});

interface Geometry {
  readonly rank: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly spatial: readonly number[];
}

/** Windows that fit, with pads smaller than the window, as every runtime demands. */
const geometry = (maxDilation: number): fc.Arbitrary<Geometry> =>
  fc.integer({ min: 1, max: 3 }).chain((rank) => {
    const each = (max: number) => fc.array(fc.integer({ min: 1, max }), { minLength: rank, maxLength: rank });
    const small = fc.array(fc.nat(2), { minLength: 2 * rank, maxLength: 2 * rank });
    const extra = fc.array(fc.nat(4), { minLength: rank, maxLength: rank });
    return fc
      .tuple(each(rank === 3 ? 2 : 4), each(3), each(maxDilation), small, extra)
      .map(([kernel, strides, dilations, given, more]) => {
        const pads = given.map((p, i) => Math.min(p, kernel[i % rank]! - 1));
        const spatial = kernel.map((k, axis) => {
          const reach = dilations[axis]! * (k - 1) + 1;
          return Math.max(1, reach - pads[axis]! - pads[rank + axis]!) + more[axis]!;
        });
        return { rank, kernel, strides, dilations, pads, spatial };
      });
  });

it.each(['Conv', 'ConvTranspose'] as const)('%s of any geometry', async (op) => {
  const channels = fc.tuple(
    fc.constantFrom(1, 1, 2, 3),
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 2 }),
  );
  await fc.assert(
    fc.asyncProperty(
      geometry(3),
      channels,
      fc.boolean(),
      async ({ kernel, spatial, ...window }, [group, ...counts], bias) => {
        const [inputs, filters, images] = counts as [number, number, number];
        const { strides, dilations, pads } = window;
        const weight = { shape: [filters * group, inputs, ...kernel] };
        if (op === 'Conv') {
          const x = { shape: [images, inputs * group, ...spatial] };
          const b = bias ? [{ shape: [filters * group] }] : [];
          const attributes = { strides, dilations, pads, group };
          await runtimeAgrees('Conv', example([x, weight, ...b], attributes));
          adjointHolds('Conv', example([x, weight], attributes), [0, 1]);
        } else {
          const sizes = spatial.map((n) => Math.min(n, 4));
          const outputPadding = strides.map((s, axis) => Math.min(s, dilations[axis]!) - 1);
          const attributes = { strides, dilations, pads, group, outputPadding };
          const fits = sizes.every((n, axis) => {
            const reach = (n - 1) * strides[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1;
            return reach + outputPadding[axis]! > pads[axis]! + pads[kernel.length + axis]!;
          });
          fc.pre(fits);
          const random = example([{ shape: [images, filters * group, ...sizes] }, weight], attributes);
          await runtimeAgrees('ConvTranspose', random);
          adjointHolds('ConvTranspose', random, [0, 1]);
        }
      },
    ),
    options,
  );
});

/** A dilated window may step over all of a small input; its maximum is then the runtime's own business. */
function everyWindowHasData(example: Example): boolean {
  const { graph, feeds } = caseGraph('MaxPool', example as Case<never>);
  return interpret(graph, feeds)['y0']!.data.every(Number.isFinite);
}

it('MaxPool of any geometry', async () => {
  await fc.assert(
    fc.asyncProperty(geometry(2), async ({ kernel, strides, dilations, pads, spatial }) => {
      const random = example([{ shape: [2, 1, ...spatial], apart: 0.001 }], { kernel, strides, dilations, pads });
      fc.pre(everyWindowHasData(random));
      await runtimeAgrees('MaxPool', random);
      adjointHolds('MaxPool', random, [0]);
    }),
    options,
  );
});

it('AveragePool of any geometry', async () => {
  await fc.assert(
    fc.asyncProperty(
      geometry(1),
      fc.boolean(),
      async ({ kernel, strides, dilations, pads, spatial }, countIncludePad) => {
        const random = example([{ shape: [2, 2, ...spatial] }], { kernel, strides, dilations, pads, countIncludePad });
        await runtimeAgrees('AveragePool', random);
        adjointHolds('AveragePool', random, [0]);
      },
    ),
    options,
  );
});

it('Slice with any bounds and steps', async () => {
  const bound = fc.oneof(
    fc.integer({ min: -8, max: 8 }),
    fc.constantFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  );
  const step = fc.constantFrom(1, 1, 2, 3, 7, -1, -2, -3, -7);
  const range = fc.tuple(fc.integer({ min: 0, max: 6 }), bound, bound, step, fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 3 }), fc.boolean(), async (ranges, fromEnd) => {
      const axes = ranges.map((_, axis) => (fromEnd ? axis - ranges.length : axis));
      const random = example([{ shape: ranges.map(([n]) => n) }], {
        starts: ranges.map((r) => r[1]),
        ends: ranges.map((r) => r[2]),
        axes,
        steps: ranges.map((r) => r[3]),
      });
      await runtimeAgrees('Slice', random);
      adjointHolds('Slice', random, [0]);
    }),
    { ...options, numRuns: 150 },
  );
});

it('Pad with any pads, also those that take away', async () => {
  const axis = fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: -4, max: 3 }),
    fc.integer({ min: -4, max: 3 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 3 }), async (drawn) => {
      fc.pre(drawn.every(([n, before, after]) => n + before + after >= 0));
      const pads = [...drawn.map((a) => a[1]), ...drawn.map((a) => a[2])];
      const random = example([{ shape: drawn.map(([n]) => n) }], { pads, value: 0 });
      await runtimeAgrees('Pad', random);
      adjointHolds('Pad', random, [0]);
    }),
    options,
  );
});

it('Gather of any axis and indices, known or computed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .integer({ min: 1, max: 3 })
        .chain((rank) => fc.tuple(shapeOf(rank), fc.integer({ min: -rank, max: rank - 1 }))),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
      fc.array(fc.nat(1000), { minLength: 9, maxLength: 9 }),
      fc.boolean(),
      fc.constantFrom('int64' as const, 'int32' as const),
      async ([shape, axis], indices, drawn, constant, dtype) => {
        const rows = shape.at(axis)!;
        const values = drawn.slice(0, sizeOf(indices)).map((value) => (value % (2 * rows)) - rows);
        const random = example([{ shape }, { shape: indices, dtype, values, constant }], { axis });
        await runtimeAgrees('Gather', random);
        adjointHolds('Gather', random, [0]);
      },
    ),
    { ...options, numRuns: 100 },
  );
});

it('Split and Concat along any axis', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .integer({ min: 1, max: 3 })
        .chain((rank) => fc.tuple(shapeOf(rank), fc.integer({ min: -rank, max: rank - 1 }))),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
      async ([shape, axis], sizes) => {
        const along = (n: number): number[] => shape.with(axis, n);
        const split = example([{ shape: along(sizes.reduce((sum, n) => sum + n, 0)) }], { sizes, axis });
        await runtimeAgrees('Split', split);
        adjointHolds('Split', split, [0]);
        const concat = example(
          sizes.map((n) => ({ shape: along(n) })),
          { axis },
        );
        await runtimeAgrees('Concat', concat);
      },
    ),
    options,
  );
});

it.each(['ReduceSum', 'ReduceMean', 'ReduceMax'] as const)('%s over any axes', async (op) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 4 }).chain((rank) => {
        const subset = fc.array(fc.boolean(), { minLength: rank, maxLength: rank });
        return fc.tuple(shapeOf(rank), fc.option(subset), fc.boolean(), fc.boolean());
      }),
      async ([shape, subset, keepdims, fromEnd]) => {
        const axes = subset?.flatMap((chosen, axis) => (chosen ? [fromEnd ? axis - shape.length : axis] : []));
        const random = example([{ shape, apart: 0.001 }], { axes, keepdims });
        await runtimeAgrees(op, random);
        adjointHolds(op, random, [0]);
      },
    ),
    options,
  );
});
