import type { Attributes, Node, Value } from '../graph/graph.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';

/** All there is to know of one operator, under ONNX's own name. Inputs that may be left out come last. */
export interface Op<A extends Attributes = Attributes> {
  /** Types of the results. @throws LegendaError when the inputs do not fit. */
  infer(inputs: readonly TensorType[], attributes: A): TensorType[];
  /** The node in ONNX's form (opset 18). */
  emit(call: Call<A>): OnnxCall;
  /** The inverse of `emit`, for nodes of imported files (older opsets too). */
  read(call: OnnxSource): { readonly inputs: readonly number[]; readonly attributes: A };
  /** Vector-Jacobian products, or the reason why there are none. */
  readonly vjp: Vjp<A> | string;
  /** The slow double-precision reference: what tests compare with, and what constants are folded by. */
  evaluate(inputs: readonly NumberArray[], attributes: A, outputs: readonly TensorType[]): Float64Array[];
  /** What the forward and gradient tests, and the docs, are made from. */
  readonly cases: readonly Case<A>[];
}

/** The op of a node, among those of its graph. */
export const opOfNode = ({ op, outputs }: Node): Op => outputs[0]!.graph.ops[op] as unknown as Op;

/** A node as its op sees it. */
export interface Call<A> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: A;
}

/**
 * From a node and its results' cotangents, one function for each input that builds the input's cotangent; `undefined`
 * where an input is not differentiable. Only the needed ones are called.
 */
export type Vjp<A> = (call: Call<A>, ...cotangents: readonly Value[]) => readonly ((() => Value) | undefined)[];

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string };

/** An ONNX node; an input is one of the call's by number, a tensor written as an initialiser, or left out. */
export interface OnnxCall {
  readonly opType: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly inputs?: readonly (number | Tensor | undefined)[];
}

/** A node of an ONNX file, for an op to read. */
export interface OnnxSource {
  readonly opset: number;
  /** Types of the inputs; `undefined` where one is left out. */
  readonly inputs: readonly (TensorType | undefined)[];
  readonly outputCount: number;
  int(name: string): number | undefined;
  ints(name: string): readonly number[] | undefined;
  float(name: string): number | undefined;
  string(name: string): string | undefined;
  /** A tensor-valued attribute. */
  tensor(name: string): Tensor | undefined;
  /** Values of an input that must be known when the graph is built. @throws LegendaError when it is computed. */
  constant(index: number): readonly number[] | undefined;
}

/** Values as doubles, whatever the dtype: bool is 0 or 1. */
export interface NumberArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A worked example: the inputs' types (values are drawn from a seed unless given) and the attributes. */
export interface Case<A> {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly attributes: A;
  /** At a point without a derivative: finite differences do not apply, the convention is PyTorch's. */
  readonly atKink?: boolean;
}

export interface CaseInput {
  readonly shape: Shape;
  /** float32 when left out. */
  readonly dtype?: TensorType['dtype'];
  /** Given values; otherwise uniform in `range`, or in [-2, 2]. */
  readonly values?: readonly number[];
  readonly range?: readonly [number, number];
  /** All values at least this far from one another and from zero: away from kinks, for finite differences. */
  readonly apart?: number;
  /** Known when the graph is built. */
  readonly constant?: boolean;
}
