import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { inFolder } from '../../../test/support/training.js';
import { recipeNamed } from '../../recipes/table.js';
import { drawStep } from '../drawn-step.js';
import { allParameters, byRuntime, outsideLayers, type Phase, type Place, placesOf } from './places.js';
import { sharesOf } from './shares.js';
import { readTrace } from './trace.js';

/** Three runs in the form that ONNX Runtime 1.30 writes, made by hand. */
const trace = fileURLToPath(new URL('../../../test/golden/profile/three-runs.json', import.meta.url));

const places: Readonly<Record<string, Place>> = {
  'conv1/Conv_0': { layer: 'conv1', phase: 'forward' },
  'fused fc1/Gemm_1': { layer: 'fc1', phase: 'forward' },
  Transpose_token_0: { layer: byRuntime, phase: undefined },
  'conv1/Conv_3': { layer: 'conv1', phase: 'backward' },
};

describe('a profile', () => {
  test('is read without the runs in which the session warms up', async () => {
    expect(await readTrace(trace, 0)).toMatchObject({ runs: 3, microseconds: 1500 });
    const { runs, microseconds, kernels } = await readTrace(trace, 1);
    expect({ runs, microseconds }).toEqual({ runs: 2, microseconds: 500 });
    expect(kernels).toHaveLength(8);
    expect(kernels[1]).toEqual({ node: 'fused fc1/Gemm_1', type: 'FusedGemm', microseconds: 40 });
    await expect(readTrace(trace, 3)).rejects.toThrow(`${trace}: a run after the first 3 is expected, there is none`);
  });

  test('becomes shares of a run by type of op and by layer', async () => {
    const shares = sharesOf(await readTrace(trace, 1), (kernel) => places[kernel]!);
    expect(shares).toEqual({
      runs: 2,
      microseconds: 250,
      between: 50,
      types: [
        { name: 'Conv', calls: 2, microseconds: 140, share: 0.56 },
        { name: 'FusedGemm', calls: 1, microseconds: 50, share: 0.2 },
        { name: 'Transpose', calls: 1, microseconds: 10, share: 0.04 },
      ],
      layers: [
        { name: 'conv1', calls: 2, microseconds: 140, share: 0.56, forward: 110, backward: 30, update: 0 },
        { name: 'fc1', calls: 1, microseconds: 50, share: 0.2, forward: 50, backward: 0, update: 0 },
        { name: byRuntime, calls: 1, microseconds: 10, share: 0.04, forward: 0, backward: 0, update: 0 },
      ],
    });
    for (const groups of [shares.types, shares.layers])
      expect(groups.reduce((sum, own) => sum + own.microseconds, shares.between)).toBe(shares.microseconds);
  });

  test.each([
    ['{', 'is not JSON'],
    ['{"cat":"Node"}', 'Invalid input: expected array, received object'],
    ['[{"cat":"Node","name":"a","ts":1,"dur":-1,"args":{"op_name":"Add"}}]', '"0.dur": Too small'],
    ['[{"cat":"Node","name":"a","ts":1,"dur":1,"args":{}}]', '"0.args.op_name": Invalid input: expected string'],
    ['[{"cat":"Other","name":"a","ts":1,"dur":1}]', '"0.cat": Invalid'],
  ])('of another form is refused by name: %s', async (text, message) => {
    await inFolder(async (dir) => {
      const path = join(dir, 'profile.json');
      await writeFile(path, text);
      await expect(readTrace(path, 0)).rejects.toThrow(message);
      await expect(readTrace(path, 0)).rejects.toThrow(path);
    });
  });
});

describe('places in a step', () => {
  const { definition } = drawStep(recipeNamed('fashion-cnn-best'), { settings: { clipNorm: 1, averageDecay: 0.9 } });
  const placeOf = placesOf(definition);
  const named = definition.graph.nodes.map(({ op, scope }, i) => ({
    scope,
    ...placeOf(`${scope === '' ? 'graph' : scope}/${op}_${i}`),
  }));
  const layersIn = (phase: Phase) => new Set(named.filter((own) => own.phase === phase).map(({ layer }) => layer));

  test('every node has one; forward and backward are in the layers, the update in those with parameters', () => {
    for (const { phase, layer } of named) {
      expect(phase).toBeDefined();
      expect(layer).not.toMatch(/update|average/);
    }
    const withParameters = ['conv1', 'norm1', 'conv2', 'norm2', 'fc1', 'fc2', 'fc3'];
    expect([...layersIn('update')].sort()).toEqual([allParameters, ...withParameters].sort());
    for (const phase of ['forward', 'backward'] as const)
      expect([...layersIn(phase)]).toEqual(expect.arrayContaining([...withParameters, outsideLayers]));
  });

  test('running statistics are computed in the forward pass, averages in the update', () => {
    const { graph, buffers } = definition;
    expect(buffers).toContain('norm1.running_mean');
    const sourceOf = (output: string) => {
      const { source } = graph.outputs.get(output)!;
      return source.kind === 'node' ? named[graph.nodes.indexOf(source.node)] : undefined;
    };
    expect(sourceOf('next/norm1.running_mean')).toMatchObject({ layer: 'norm1', phase: 'forward' });
    expect(sourceOf('next/average/norm1.running_mean')).toMatchObject({ layer: 'norm1', phase: 'update' });
    expect(sourceOf('next/momentum/fc1.weight')).toMatchObject({ layer: 'fc1', phase: 'update' });
  });

  test('names that ONNX Runtime made are read as far as they go', () => {
    const { op, scope } = definition.graph.nodes[0]!;
    const own = placeOf(`${scope}/${op}_0`);
    expect(own.phase).toBe('forward');
    expect(placeOf(`fused ${scope}/${op}_0`)).toEqual(own);
    expect(placeOf(`${scope}/${op}_0/MatmulTransposeFusion/`)).toEqual(own);
    expect(placeOf(`${scope}/${op}_0_new_reshape`)).toEqual(own);
    for (const strange of ['', 'ReorderInput', 'v9_nchwc', `${scope}/${op}_99999`, `${scope}/Other_0`])
      expect(placeOf(strange)).toEqual({ layer: byRuntime, phase: undefined });
  });
});
