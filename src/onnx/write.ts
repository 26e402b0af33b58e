import { type Graph, inputName } from '../graph/graph.js';
import type { Tensor } from '../tensor/tensor.js';
import { Names, valueInfo, writeModel, writeNodes, writeTensor } from './write-parts.js';

export interface WriteOptions {
  /** Written as `initializer`s under the input's name: parameters of a model that is shipped. */
  readonly initialisers?: ReadonlyMap<string, Tensor>;
  /** Names for axes of inputs and outputs that may vary, for example `{ pixels: ['batch'] }`; undefined keeps the size. */
  readonly axisNames?: Readonly<Record<string, readonly (string | undefined)[]>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A graph as an ONNX model file (opset 18). Nodes are named by their layer, so that profiles and Netron show it.
 * @throws LegendaError when an op cannot be written.
 */
export function writeOnnx(graph: Graph, options: WriteOptions = {}): Uint8Array {
  const { initialisers = new Map<string, Tensor>(), axisNames = {}, metadata } = options;
  const constants = [...initialisers].map(([name, tensor]) => writeTensor(name, tensor));
  const node = writeNodes(graph, new Names(graph), constants);
  const fed = graph.inputs.filter((input) => !initialisers.has(inputName(input)));
  return writeModel(
    {
      name: 'legenda',
      node,
      initializer: constants,
      input: fed.map((input) => valueInfo(inputName(input), input, axisNames[inputName(input)])),
      output: [...graph.outputs].map(([name, value]) => valueInfo(name, value, axisNames[name])),
    },
    metadata,
  );
}
