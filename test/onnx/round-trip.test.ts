/** Whatever graph is written as ONNX is read as the same graph: every op in every case, with its gradients. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../src/graph/graph.js';
import { printGraph } from '../../src/graph/print.js';
import { rewriteGraph } from '../../src/graph/rewrite.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { readOnnx } from '../../src/onnx/read.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { interpret } from '../../src/ops/interpret.js';
import type { Case } from '../../src/ops/op.js';
import { type OpName, opOf, ops } from '../../src/ops/table.js';
import { tensor, toNumbers } from '../../src/tensor/tensor.js';
import { caseGraph } from '../oracle/case-graph.js';
import { python } from '../support/python.js';

const casesOf = (op: OpName): readonly Case<never>[] => opOf(op).cases as readonly Case<never>[];
const names = Object.keys(ops) as OpName[];

describe('a written graph that is read', () => {
  describe.each(names)('%s', (op) => {
    it.each(casesOf(op))('$name', (example) => {
      const { graph, feeds } = caseGraph(op, example);
      const read = readOnnx(writeOnnx(graph));
      verifyGraph(read.graph);
      expect(read.inputs).toEqual(inputNames(graph));
      expect(read.parameters.size).toBe(0);
      if (outputsAreNodes(graph)) expect(printGraph(read.graph)).toBe(printGraph(rewriteGraph(graph)));
      else expect(interpret(read.graph, feeds)).toEqual(interpret(graph, feeds));
    });
  });

  it('has its initialisers as parameters', () => {
    const { graph, feeds, inputs } = caseGraph('Conv', casesOf('Conv').find(({ name }) => name === 'bias and pads')!);
    const initialisers = new Map(
      ['x1', 'x2'].map((name, i) => [name, tensor('float32', inputs[i + 1]!.shape, [...feeds[name]!.data])]),
    );
    const read = readOnnx(writeOnnx(graph, { initialisers }));
    expect(read.inputs).toEqual(['x0', 'w0']);
    expect([...read.parameters.keys()]).toEqual(['x1', 'x2']);
    for (const [name, tensor] of read.parameters) expect(toNumbers(tensor)).toEqual(feeds[name]!.data);
    expect(printGraph(read.graph).split('\n').slice(4)).toEqual(printGraph(graph).split('\n').slice(4));
  });

  it('has its names of axes and its metadata again', () => {
    const { graph } = caseGraph('Relu', casesOf('Relu')[0]!);
    const axisNames = { x0: ['batch', undefined], w0: ['batch', 'features'], y0: ['batch', undefined] };
    const metadata = { vocabulary: '["a"]', 'input.mean': '0.5' };
    const written = writeOnnx(graph, { axisNames, metadata });
    const read = readOnnx(written, { dimensions: { batch: 2, features: 5 } });
    expect({ ...read.axisNames }).toEqual(axisNames);
    expect({ ...read.metadata }).toEqual(metadata);
    expect(writeOnnx(read.graph, read)).toEqual(written);
  });
});

// Debian 12's onnx is 1.12, whose opset is 17
const onnxKnowsTheOpset = python('import onnx; assert onnx.defs.onnx_opset_version() >= 18');

it.skipIf(!onnxKnowsTheOpset)("passes onnx's own checker (skipped where python3 has no onnx 1.13 or later)", () => {
  const dir = mkdtempSync(join(tmpdir(), 'legenda-onnx-'));
  try {
    let count = 0;
    for (const op of names) {
      for (const example of casesOf(op)) {
        writeFileSync(join(dir, `${op} ${count++}.onnx`), writeOnnx(caseGraph(op, example).graph));
      }
    }
    const checked = execFileSync('python3', ['-c', checker, dir], { encoding: 'utf8' });
    expect(checked).toBe(`${count} models\n`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

const checker = `
import pathlib, sys, onnx
count = 0
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
        count += 1
    except Exception as error:
        print(path.name, error)
print(count, 'models')
`;

const inputNames = (graph: Graph): string[] =>
  graph.inputs.flatMap(({ source }) => (source.kind === 'input' ? [source.name] : []));

/** Otherwise the writer has to add nodes that carry the outputs' names. */
function outputsAreNodes(graph: Graph): boolean {
  const outputs: Value[] = [...graph.outputs.values()];
  return outputs.every(({ source }) => source.kind === 'node') && new Set(outputs).size === outputs.length;
}
