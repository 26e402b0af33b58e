import { LegendaError } from '../errors.js';
import type { OnnxSource } from '../ops/op.js';
import { sizeOf } from '../tensor/shape.js';
import { type Tensor, type TensorType, toNumbers } from '../tensor/tensor.js';
import type { Bound } from './bound.js';
import type { AttributeProto, GraphProto, NodeProto } from './generated/onnx_pb.js';
import { quoted } from './names.js';
import { readTensor } from './read-tensor.js';

/** AttributeProto.AttributeType. */
const attributeTypes = [
  'UNDEFINED',
  'FLOAT',
  'INT',
  'STRING',
  'TENSOR',
  'GRAPH',
  'FLOATS',
  'INTS',
  'STRINGS',
  'TENSORS',
  'GRAPHS',
] as const;
type AttributeType = (typeof attributeTypes)[number];

/** Lists that say how to compute; longer ones belong into a tensor. */
const maxListed = 4096;

/** They repeat what the inputs say, or concern precision, training or results that are not supported anyway. */
const ignorable: ReadonlySet<string> = new Set([
  'ceil_mode',
  'kernel_shape',
  'momentum',
  'noop_with_empty_axes',
  'num_outputs',
  'round_mode',
  'saturate',
  'stash_type',
  'storage_order',
]);

/** A node of a file as its op reads it; it knows afterwards what the op did not ask for. */
export class NodeSource implements OnnxSource {
  readonly opset: number;
  readonly inputs: readonly (TensorType | undefined)[];
  readonly outputCount: number;
  readonly #bounds: readonly (Bound | undefined)[];
  readonly #attributes = new Map<string, AttributeProto>();
  readonly #asked = new Set<string>();
  readonly #taken = new Set<number>();

  /** @param bounds what the inputs stand for, `undefined` where one is left out */
  constructor(node: NodeProto, opset: number, bounds: readonly (Bound | undefined)[]) {
    this.opset = opset;
    this.#bounds = bounds;
    this.inputs = bounds.map((bound) => bound?.type);
    this.outputCount = outputCount(node);
    for (const attribute of node.attribute) {
      if (this.#attributes.has(attribute.name)) {
        throw new LegendaError(`attribute ${quoted(attribute.name)} comes twice`);
      }
      this.#attributes.set(attribute.name, attribute);
    }
  }

  int(name: string): number | undefined {
    const attribute = this.#attribute(name, 'INT');
    return attribute === undefined ? undefined : saturated(attribute.i);
  }

  ints(name: string): readonly number[] | undefined {
    return this.#short(this.#attribute(name, 'INTS')?.ints, name)?.map(saturated);
  }

  /** Whole numbers with all their digits. */
  int64s(name: string): readonly bigint[] | undefined {
    return this.#short(this.#attribute(name, 'INTS')?.ints, name);
  }

  int64(name: string): bigint | undefined {
    return this.#attribute(name, 'INT')?.i;
  }

  float(name: string): number | undefined {
    const attribute = this.#attribute(name, 'FLOAT');
    return attribute === undefined ? undefined : shortest(attribute.f);
  }

  floats(name: string): readonly number[] | undefined {
    return this.#short(this.#attribute(name, 'FLOATS')?.floats, name);
  }

  string(name: string): string | undefined {
    const attribute = this.#attribute(name, 'STRING');
    return attribute === undefined ? undefined : new TextDecoder().decode(attribute.s.subarray(0, maxListed));
  }

  strings(name: string): readonly string[] | undefined {
    const listed = this.#short(this.#attribute(name, 'STRINGS')?.strings, name);
    return listed?.map((bytes) => new TextDecoder().decode(bytes.subarray(0, maxListed)));
  }

  graph(name: string): GraphProto {
    const attribute = this.#attribute(name, 'GRAPH');
    if (attribute?.g === undefined) throw new LegendaError(`attribute ${quoted(name)} is missing`);
    return attribute.g;
  }

  tensor(name: string): Tensor | undefined {
    const attribute = this.#attribute(name, 'TENSOR');
    if (attribute === undefined) return undefined;
    if (attribute.t === undefined) throw new LegendaError(`attribute ${quoted(name)} has no tensor`);
    return readTensor(attribute.t, `attribute ${quoted(name)}`);
  }

  constant(index: number): readonly number[] | undefined {
    const tensor = this.held(index);
    if (tensor === undefined) return undefined;
    if (sizeOf(tensor.shape) > maxListed) {
      throw new LegendaError(`input ${index} has ${sizeOf(tensor.shape)} values, at most ${maxListed} are expected`);
    }
    return numbersOf(tensor);
  }

  /** An input's values; `undefined` when it is left out. @throws LegendaError when it is computed. */
  held(index: number): Tensor | undefined {
    this.#taken.add(index);
    const bound = this.#bounds[index];
    if (bound === undefined) return undefined;
    const tensor = bound.constant ?? bound.parameter?.tensor;
    if (tensor === undefined) {
      throw new LegendaError(`input ${index} is computed, its values must be known when the graph is built`);
    }
    return tensor;
  }

  /** An input. @throws LegendaError when it is left out. */
  bound(index: number): Bound {
    this.#taken.add(index);
    const bound = this.#bounds[index];
    if (bound === undefined) throw new LegendaError(`input ${index} is missing`);
    return bound;
  }

  /** @throws LegendaError when the node has something that its op did not look at: it would be computed wrongly. */
  checkRead(): void {
    for (const name of this.#attributes.keys()) {
      if (!this.#asked.has(name) && !ignorable.has(name)) {
        throw new LegendaError(`attribute ${quoted(name)} is not supported`);
      }
    }
    this.#bounds.forEach((bound, index) => {
      if (bound !== undefined && !this.#taken.has(index)) throw new LegendaError(`input ${index} is not supported`);
    });
  }

  #attribute(name: string, expected: AttributeType): AttributeProto | undefined {
    this.#asked.add(name);
    const attribute = this.#attributes.get(name);
    if (attribute === undefined) return undefined;
    const type = attributeTypes[attribute.type] ?? `of type ${attribute.type}`;
    if (type !== expected) throw new LegendaError(`attribute ${quoted(name)} is ${type}, ${expected} is expected`);
    return attribute;
  }

  #short<T>(values: readonly T[] | undefined, name: string): readonly T[] | undefined {
    if (values !== undefined && values.length > maxListed) {
      throw new LegendaError(
        `attribute ${quoted(name)} has ${values.length} values, at most ${maxListed} are expected`,
      );
    }
    return values;
  }
}

/** Outputs that are left out may be listed, as empty names. */
export const outputCount = ({ output }: NodeProto): number => output.findLastIndex((name) => name !== '') + 1;

/** Many nodes may ask for one tensor. */
const known = new WeakMap<Tensor, readonly number[]>();

function numbersOf(tensor: Tensor): readonly number[] {
  let numbers = known.get(tensor);
  if (numbers === undefined) {
    if (tensor.data instanceof BigInt64Array) numbers = Array.from(tensor.data, saturated);
    else numbers = tensor.dtype === 'float32' ? Array.from(toNumbers(tensor), shortest) : [...toNumbers(tensor)];
    known.set(tensor, numbers);
  }
  return numbers;
}

/** Bounds like the largest int64 mean "to the end": any number beyond all sizes says the same. */
function saturated(value: bigint): number {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > limit ? limit : value < -limit ? -limit : value);
}

/** The decimal that was meant: the shortest that is the same single-precision number (0.01, not 0.00999999977…). */
function shortest(single: number): number {
  for (let digits = 1; digits < 8; digits++) {
    const decimal = Number(single.toPrecision(digits));
    if (Math.fround(decimal) === single) return decimal;
  }
  return single;
}
