import { LegendaError } from '../errors.js';
import { Graph, type Node, type Value } from '../graph/graph.js';
import { ops } from '../ops/table.js';
import { formatShape, type Shape, sameShape } from '../tensor/shape.js';
import type { AnyModule } from './module.js';
import { namedModules, namedParameters } from './module.js';
import type { Parameter } from './parameter.js';

/** A random 0-or-1/keep tensor that is drawn anew for every run: dropout's mask. */
export interface MaskInput {
  readonly name: string;
  readonly shape: Shape;
  /** Probability of an element that is not zero. */
  readonly keep: number;
}

/** One use of a module: what a summary has a row for. */
export interface ModuleCall {
  readonly path: string;
  readonly module: AnyModule;
  /** What it was called with; undefined for a part of a module that is no call. */
  readonly input: unknown;
  readonly output: unknown;
  /** Whether it called no other module. */
  readonly leaf: boolean;
  /** What it appended to the graph, with the modules that it called. */
  readonly nodes: readonly Node[];
}

/** The writing down of one forward pass of a module as a graph. */
export class Trace {
  readonly graph = new Graph(ops);
  /** Whether dropout drops and batch statistics are used. */
  readonly training: boolean;
  /** Those that were used, by name: inputs of the graph. */
  readonly parameters = new Map<string, Value>();
  /** New values of buffers, by the buffer's name. */
  readonly updates = new Map<string, Value>();
  /** What must be drawn and fed at every run. */
  readonly masks: MaskInput[] = [];
  /** In the order in which they ended: a module after those that it called. */
  readonly calls: ModuleCall[] = [];
  readonly #names: Map<Parameter, string>;
  readonly #paths: Map<AnyModule, string>;
  /** The modules whose forward passes are being written down, outermost first. */
  readonly #open: AnyModule[] = [];

  /**
   * @param root the module that is going to be called, with all that it owns
   * @param training whether dropout drops and batch statistics are used
   */
  constructor(root: AnyModule, training: boolean) {
    this.training = training;
    this.#names = new Map([...namedParameters(root)].map(([name, parameter]) => [parameter, name]));
    this.#paths = new Map([...namedModules(root)].map(([path, module]) => [module, path]));
  }

  /**
   * The value of a parameter: an input of the graph under the parameter's name.
   * @throws LegendaError when the traced model does not own it
   */
  parameter(parameter: Parameter): Value {
    const name = this.#name(parameter);
    const known = this.parameters.get(name);
    if (known !== undefined) return known;
    const value = this.graph.input(name, parameter);
    this.parameters.set(name, value);
    return value;
  }

  /** What a buffer is after the updates that this forward pass has made so far. */
  buffer(buffer: Parameter): Value {
    return this.updates.get(this.#name(buffer)) ?? this.parameter(buffer);
  }

  /**
   * Says what a buffer becomes when the step is done.
   * @throws LegendaError when the shapes differ, or the traced model does not own it
   */
  update(buffer: Parameter, value: Value): void {
    const name = this.#name(buffer);
    if (!sameShape(buffer.shape, value.shape)) {
      throw new LegendaError(
        `buffer "${name}" is ${formatShape(buffer.shape)}, its update ${formatShape(value.shape)}`,
      );
    }
    this.updates.set(name, value);
  }

  /**
   * A mask of zeros and 1/keep, drawn for every run from the stream of this place in the model.
   * @param keep probability of an element that is not zero, in (0, 1]
   */
  mask(shape: Shape, keep: number): Value {
    const name = `mask/${this.masks.length}`;
    this.masks.push({ name, shape, keep });
    return this.graph.input(name, { dtype: 'float32', shape });
  }

  /** Marks what `build` appends as the module's. @throws LegendaError when the traced model does not own the module */
  enter<T>(module: AnyModule, build: () => T, input?: unknown): T {
    const path = this.#paths.get(module);
    if (path === undefined)
      throw new LegendaError(`a ${module.constructor.name} is called that the model does not own in a public field`);
    const calls = this.calls.length;
    const nodes = this.graph.nodes.length;
    this.#open.push(module);
    try {
      const output = this.graph.scoped(path, build, true);
      const leaf = this.calls.length === calls;
      this.calls.push({ path, module, input, output, leaf, nodes: this.graph.nodes.slice(nodes) });
      return output;
    } finally {
      this.#open.pop();
    }
  }

  /** An error that names the module whose forward pass is being written down: `Linear "fc1": …`. */
  error(message: string): LegendaError {
    const module = this.#open.at(-1);
    if (module === undefined) return new LegendaError(message);
    const path = this.#paths.get(module);
    return new LegendaError(`${module.constructor.name}${path ? ` "${path}"` : ''}: ${message}`);
  }

  #name(parameter: Parameter): string {
    const name = this.#names.get(parameter);
    if (name === undefined)
      throw new LegendaError(`a parameter ${formatShape(parameter.shape)} is used that the model does not own`);
    return name;
  }
}
