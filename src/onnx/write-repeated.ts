import { type Graph, inputName, type Value } from '../graph/graph.js';
import type { TensorType } from '../tensor/tensor.js';
import {
  Names,
  type TensorInit,
  valueInfo,
  writeAttribute,
  writeGraphAttribute,
  writeModel,
  writeNodes,
} from './write-parts.js';

/** What changes from one run of a repeated graph to the next. */
export interface Repetition {
  /** Inputs that are carried on, each with the output that is its next value. */
  readonly carried: ReadonlyMap<string, string>;
  /** Inputs that every run has its own of. */
  readonly each: ReadonlySet<string>;
}

/** The axis along which runs lie. */
const steps = 'steps';

/** What names of the body begin with, and no name around it. */
function prefixBeside(names: readonly string[]): string {
  let prefix = 'step/';
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}

/**
 * A graph run again and again in one run of the model, as `Scan`'s body. Inputs that every run has its own of, and outputs that
 * are not carried on, have one more axis in front, of any size from 1; the other inputs and outputs are as the graph's, and
 * come out as the last run leaves them.
 */
export function writeRepeated(graph: Graph, { carried, each }: Repetition): Uint8Array {
  const inputs = new Map(graph.inputs.map((input) => [inputName(input), input]));
  const next = new Set(carried.values());
  const results = new Set([...graph.outputs.keys()].filter((name) => !next.has(name)));
  const outputs = [...next, ...results];
  const fed = [...carried.keys(), ...each];
  // what stays the same is read from outside the body
  const within = new Set([...fed, ...outputs]);
  const prefix = prefixBeside([...inputs.keys(), ...outputs]);
  const names = new Names(graph, (name) => (within.has(name) ? `${prefix}${name}` : name));
  const constants: TensorInit[] = [];
  const body = {
    name: 'step',
    node: writeNodes(graph, names, constants),
    input: fed.map((name) => valueInfo(names.given(name), inputs.get(name)!)),
    output: outputs.map((name) => valueInfo(names.given(name), graph.outputs.get(name)!)),
  };
  const alongSteps = (name: string, value: Value, along: boolean) =>
    along ? valueInfo(name, stacked(value), [steps]) : valueInfo(name, value);
  return writeModel({
    name: 'legenda',
    node: [
      {
        name: 'steps',
        opType: 'Scan',
        input: fed,
        output: outputs,
        attribute: [writeGraphAttribute('body', body), writeAttribute('num_scan_inputs', { int: each.size })],
      },
    ],
    initializer: constants,
    input: [...inputs].map(([name, input]) => alongSteps(name, input, each.has(name))),
    output: outputs.map((name) => alongSteps(name, graph.outputs.get(name)!, results.has(name))),
  });
}

const stacked = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: [1, ...shape] });
