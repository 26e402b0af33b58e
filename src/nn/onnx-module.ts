import { LegendaError } from '../errors.js';
import { Graph, type Value } from '../graph/graph.js';
import { inlineGraph } from '../graph/inline.js';
import { listed, quoted } from '../onnx/names.js';
import { type ReadOptions, readOnnx } from '../onnx/read.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { Trace } from './trace.js';

export interface OnnxModuleOptions extends Pick<ReadOptions, 'outputs' | 'maxBytes'> {
  /**
   * Sizes for symbolic axes other than the first, by their name in the file, where it has some: only for the first reading
   * of the file. A call takes its input's own sizes.
   */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/**
 * An ONNX file as a module: a pretrained network, or its part up to any tensor, to train further or to build on.
 *
 * Its float initialisers are parameters under their names in the file, which `initialParameters` gives the file's values;
 * running statistics of batch normalisations are buffers and stay as they are. Single numbers without axes are constants (exponents,
 * epsilons), but those that Legenda wrote as parameters. Dropout is gone, in training too.
 *
 * ```ts
 * const model = new Sequential({
 *   encoder: new OnnxModule(readFileSync('encoder.onnx'), { outputs: ['features'] }),
 *   flatten: new Flatten(),
 *   head: new Linear(1280, 10),
 * });
 * const definition = buildStep({ model, frozen: (name) => name.startsWith('encoder.'), … });
 * ```
 */
export class OnnxModule extends Module<Value | Readonly<Record<string, Value>>, Value> {
  /** Names of the inputs that are data, in the file's order. */
  readonly inputs: readonly string[];
  /** Names of the tensors that a call gives. */
  readonly outputs: readonly string[];
  /** What `outputs` may name: every tensor that is read, with its type for a batch of 1. */
  readonly tensors: ReadonlyMap<string, TensorType>;
  readonly #file: Uint8Array;
  readonly #options: OnnxModuleOptions;
  readonly #parameters: ReadonlyMap<string, Parameter>;

  /**
   * @param file the content of an ONNX file (opset 7 to 23), with all its values (`readOnnxFile` of legenda/node and
   *   `includeExternalData` see to that); untrusted. Kept, and not to be changed
   * @param options.outputs tensors of the file by name; the file's outputs when left out. Only what they need is read
   * @throws LegendaError when the file is damaged, needs ops that are not supported, or has parameters in double precision
   */
  constructor(file: Uint8Array, options: OnnxModuleOptions = {}) {
    super();
    const { graph, inputs, tensors, parameters, buffers } = readOnnx(file, options);
    this.inputs = inputs;
    this.outputs = [...graph.outputs.keys()];
    this.tensors = tensors;
    this.#file = file;
    this.#options = options;
    this.#parameters = new Map(
      [...parameters].map(([name, tensor]) => [name, parameterOf(name, tensor, !buffers.has(name))]),
    );
  }

  /**
   * All outputs, by name.
   * @param input a value for every input by its name, or the value of the only one; any sizes that the file allows
   * @throws LegendaError when inputs are missing or the network cannot take them
   */
  all(input: Value | Readonly<Record<string, Value>>, trace: Trace): ReadonlyMap<string, Value> {
    return trace.enter(this, () => this.#build(input, trace));
  }

  protected forward(input: Value | Readonly<Record<string, Value>>, trace: Trace): Value {
    const [output, ...others] = this.#build(input, trace).values();
    if (others.length === 0) return output!;
    throw trace.error(
      `all() gives several outputs (${listed(this.outputs)}), call() only the one of a module that has one`,
    );
  }

  #build(input: Value | Readonly<Record<string, Value>>, trace: Trace): ReadonlyMap<string, Value> {
    const given = this.#named(input, trace);
    const shapes = Object.fromEntries([...given].map(([name, { shape }]) => [name, shape]));
    const { graph, parameters } = failingAs(trace, () =>
      readOnnx(this.#file, { ...this.#options, dimensions: {}, inputs: shapes }),
    );
    const bindings = new Map(given);
    for (const name of parameters.keys()) {
      const parameter = this.#parameters.get(name);
      if (parameter === undefined) throw trace.error(`only inputs of this size make a parameter of ${quoted(name)}`);
      bindings.set(name, trace.parameter(parameter));
    }
    return failingAs(trace, () => inlineGraph(graph, trace.graph, bindings, ''));
  }

  #named(input: Value | Readonly<Record<string, Value>>, trace: Trace): Map<string, Value> {
    const given = isValue(input)
      ? this.inputs.slice(0, 1).map((name) => [name, input] as const)
      : Object.entries(input);
    const named = new Map(given);
    if (named.size === this.inputs.length && this.inputs.every((name) => named.has(name))) return named;
    const came = isValue(input) ? 'one value' : listed(named.keys());
    throw trace.error(`inputs ${listed(this.inputs)} are expected, ${came} came`);
  }

  override children(): [string, unknown][] {
    return [...this.#parameters];
  }
}

function parameterOf(name: string, { dtype, shape, data }: Tensor, trainable: boolean): Parameter {
  if (dtype !== 'float32') {
    throw new LegendaError(`initialiser ${quoted(name)} of the ONNX model is ${dtype}, only float32 is trained`);
  }
  return new Parameter(shape, (_, into) => into.set(data as Float32Array), trainable);
}

/** A record of values has no graph of its own among them. */
const isValue = (input: Value | Readonly<Record<string, Value>>): input is Value => input['graph'] instanceof Graph;

/** Names the module in what reading and inlining refuse. */
function failingAs<T>(trace: Trace, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof LegendaError) throw trace.error(error.message);
    throw error;
  }
}
