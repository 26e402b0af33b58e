import { LegendaError } from '../errors.js';
import { formatType, type Tensor, type TensorType } from '../tensor/tensor.js';

export type Attribute = number | string | boolean | readonly number[] | undefined;
export type Attributes = Readonly<Record<string, Attribute>>;

/** A tensor that a graph computes, is given, or holds. Belongs to one graph. */
export interface Value extends TensorType {
  readonly graph: Graph;
  readonly id: number;
  readonly source: Source;
}

/** The name that an input is fed by. @throws Error when the value is no input */
export function inputName({ source }: Value): string {
  if (source.kind !== 'input') throw new Error('a value that is no input');
  return source.name;
}

/** Where a value comes from: fed by name at every run, fixed in the graph, or computed. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  | { readonly kind: 'node'; readonly node: Node; readonly index: number };

export interface Node {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** The layer it belongs to, as a dotted path (`conv1`, `classifier.0`), or empty. */
  readonly scope: string;
}

/** All that a graph knows of its operators: the types of their results. */
export type OpSet = Readonly<Record<string, { infer(inputs: readonly TensorType[], attributes: never): TensorType[] }>>;

/**
 * A typed dataflow graph. Nodes are appended in an order in which every input precedes its use; nothing is changed or
 * removed afterwards: passes make new graphs.
 */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs = new Map<string, Value>();
  #scope = '';
  #values = 0;
  readonly #inputNames = new Set<string>();

  readonly ops: OpSet;

  constructor(ops: OpSet) {
    this.ops = ops;
  }

  /** A tensor that is fed at every run. Names are unique. */
  input(name: string, type: TensorType): Value {
    if (this.#inputNames.has(name)) throw new LegendaError(`the graph has an input "${name}" already`);
    this.#inputNames.add(name);
    const value = this.#value(type, { kind: 'input', name });
    this.inputs.push(value);
    return value;
  }

  constant(tensor: Tensor): Value {
    return this.#value(tensor, { kind: 'constant', tensor });
  }

  /** Names a value as a result of the graph. Names are unique. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw new LegendaError(`the graph has an output "${name}" already`);
    this.#own(value, name);
    this.outputs.set(name, value);
  }

  /**
   * Appends a node; the types of its results are inferred.
   * @throws LegendaError naming the op, the layer and the inputs' types when they do not fit the op.
   */
  apply(op: string, inputs: readonly Value[], attributes: Attributes = {}): readonly Value[] {
    const record = Object.hasOwn(this.ops, op) ? this.ops[op]! : undefined;
    if (record === undefined) throw new LegendaError(`there is no op ${op}`);
    for (const value of inputs) this.#own(value, op);
    let types: TensorType[];
    try {
      types = record.infer(inputs, attributes as never);
    } catch (error) {
      if (!(error instanceof LegendaError)) throw error;
      const where = this.#scope === '' ? op : `${op} "${this.#scope}"`;
      throw new LegendaError(`${where}: ${error.message} (inputs ${inputs.map(formatType).join(', ')})`);
    }
    const outputs: Value[] = [];
    const node: Node = { op, inputs: [...inputs], attributes, outputs, scope: this.#scope };
    types.forEach((type, index) => {
      outputs.push(this.#value(type, { kind: 'node', node, index }));
    });
    this.nodes.push(node);
    return outputs;
  }

  /** Nodes appended by `build` carry the layer path `scope`, inside the current one unless `absolute`. */
  scoped<T>(scope: string, build: () => T, absolute = false): T {
    const outer = this.#scope;
    this.#scope = absolute || outer === '' ? scope : scope === '' ? outer : `${outer}.${scope}`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  #value(type: TensorType, source: Source): Value {
    return { graph: this, id: this.#values++, dtype: type.dtype, shape: type.shape, source };
  }

  #own(value: Value, user: string): void {
    if (value.graph !== this) throw new LegendaError(`${user}: a value of another graph was given`);
  }
}
