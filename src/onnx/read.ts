import { LegendaError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import { opOf, ops } from '../ops/table.js';
import { isFloat } from '../tensor/dtype.js';
import type { Tensor, TensorType } from '../tensor/tensor.js';
import { type Bound, computed, constantBound, foldedBound, once, parameterBound } from './bound.js';
import { composedOps } from './composed/table.js';
import { constantNote } from './constant-note.js';
import { type DecodedModel, decodeModel, isOnnxDomain } from './decode.js';
import { axisNamesOf, type DimensionOptions, inputTypes } from './dimensions.js';
import { describeNode, type FileGraph, fileGraph, missing, neededNodes, readBy } from './file-graph.js';
import { Folder } from './fold.js';
import type { NodeProto, TensorProto } from './generated/onnx_pb.js';
import type { Importer } from './importer.js';
import { quoted, scopeOf } from './names.js';
import { NodeSource, outputCount } from './node-source.js';
import { checkShape, readTensor, refuseExternal } from './read-tensor.js';
import { shapeOps } from './shape-ops.js';

/** The one op with graphs of its own that is read. */
const branching = 'If';

const importers: ReadonlyMap<string, Importer> = new Map(Object.entries({ ...shapeOps, ...composedOps }));

export interface ReadOptions extends DimensionOptions {
  /** Tensors of the file by name, any of them; the file's outputs when left out. Only what they need is read. */
  readonly outputs?: readonly string[];
  /** Larger files are refused; 1 GiB when left out, and never more than protobuf's 2 GiB. */
  readonly maxBytes?: number;
}

export interface OnnxModel {
  /** Data inputs come first, parameters in the order of their first use; nodes carry their layer's path. */
  readonly graph: Graph;
  /** Inputs that are data, in the file's order. */
  readonly inputs: readonly string[];
  /**
   * The float initialisers that are used: inputs of the graph under their own names, and their values. Single numbers without axes
   * are constants instead, but for those that Legenda wrote as parameters.
   */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Those parameters that are running statistics of a BatchNormalization: not for an optimiser to change. */
  readonly buffers: ReadonlySet<string>;
  /** Everything that was read, by its name in the file: what `ReadOptions.outputs` may name. */
  readonly tensors: ReadonlyMap<string, TensorType>;
  /**
   * Names of symbolic axes of inputs and outputs, as `writeOnnx` takes them. Their sizes are fixed in the graph: a file that is
   * written with these names takes other sizes only where no node depends on them (see `exportModel`, which looks).
   */
  readonly axisNames: Readonly<Record<string, readonly (string | undefined)[]>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * An ONNX model (opset 7 to 23) as a graph that can be differentiated, rewritten and written again. Shapes are fixed
 * here; shape arithmetic is computed and gone, as is dropout, and of an `If` the branch is taken that a known condition chooses. Half precision becomes float32. Whole numbers and truth
 * values among the initialisers are constants of the graph.
 *
 * @param bytes a `.onnx` file with all its values (`readOnnxFile` of legenda/node and `includeExternalData` see to that); untrusted
 * @throws LegendaError when the file is damaged, too large, not self-contained, or needs ops that are not supported: all
 *   of them are named
 */
export function readOnnx(bytes: Uint8Array, options: ReadOptions = {}): OnnxModel {
  const decoded = decodeModel(bytes, options.maxBytes ?? 2 ** 30);
  const file = fileGraph(decoded.graph);
  const wanted = options.outputs ?? decoded.graph.output.map(({ name }) => name);
  if (wanted.length === 0) throw new LegendaError('no output of the ONNX model is asked for');
  for (const name of wanted) {
    if (!file.producers.has(name) && !file.inputs.has(name) && !file.initialisers.has(name)) {
      throw missing(
        options.outputs === undefined ? 'node for the output' : 'tensor',
        name,
        // the last ones are those that an encoder is cut at
        new Set([...decoded.graph.output.map((output) => output.name), ...[...file.producers.keys()].toReversed()]),
      );
    }
  }
  const nodes = neededNodes(file, wanted);
  refuseUnsupported(nodes);
  const reading = new Reading(decoded, file, nodes, wanted, options);
  for (const node of nodes) reading.read(node);
  for (const name of wanted) reading.graph.output(name, reading.bound(name).value());
  return reading.model(wanted);
}

/** The state of one reading. */
class Reading {
  readonly graph = new Graph(ops);
  readonly #decoded: DecodedModel;
  readonly #bounds = new Map<string, Bound>();
  readonly #initialisers: Map<string, TensorProto>;
  readonly #folder = new Folder();
  readonly #inputs: string[] = [];
  readonly #parameters = new Map<string, Tensor>();
  readonly #buffers = new Set<string>();

  constructor(
    decoded: DecodedModel,
    file: FileGraph,
    nodes: readonly NodeProto[],
    wanted: readonly string[],
    options: ReadOptions,
  ) {
    this.#decoded = decoded;
    this.#initialisers = new Map(file.initialisers);
    // a whole model keeps the inputs that it does not use: it is fed as its file says
    const used = new Set([...nodes.flatMap(readBy), ...wanted]);
    const fed = options.outputs === undefined ? file.inputs : [...file.inputs].filter(([name]) => used.has(name));
    for (const [name, type] of inputTypes(new Map(fed), options)) {
      this.#inputs.push(name);
      this.#bounds.set(name, computed(this.graph.input(name, type)));
    }
  }

  read(node: NodeProto): void {
    const results = failingAs(describeNode(node), () => this.#results(node));
    const count = outputCount(node);
    if (count > results.length) {
      throw new LegendaError(`ONNX ${describeNode(node)} has ${count} outputs, only ${results.length} are supported`);
    }
    node.output.forEach((name, index) => {
      if (name !== '') this.#bounds.set(name, results[index]!);
    });
  }

  /** What a tensor of the file stands for: known already, or an initialiser. */
  bound(name: string): Bound {
    const known = this.#bounds.get(name);
    if (known !== undefined) return known;
    const proto = this.#initialisers.get(name);
    if (proto === undefined) throw new LegendaError(`nothing has computed ${quoted(name)} yet`);
    const tensor = readTensor(proto, `initialiser ${quoted(name)}`);
    const bound =
      isFloat(tensor.dtype) && !this.#isConstant(proto)
        ? parameterBound(this.graph, name, tensor, () => this.#parameters.set(name, tensor))
        : constantBound(this.graph, tensor);
    this.#bounds.set(name, bound);
    return bound;
  }

  model(wanted: readonly string[]): OnnxModel {
    const { proto, graph } = this.#decoded;
    const shown = new Set([...this.#inputs, ...wanted]);
    const axisNames = record<(string | undefined)[]>();
    for (const info of [...graph.input, ...graph.valueInfo, ...graph.output]) {
      const names = shown.has(info.name) ? axisNamesOf(info) : undefined;
      if (names !== undefined) axisNames[info.name] = names;
    }
    const metadata = record<string>();
    for (const { key, value } of proto.metadataProps) metadata[key] = value;
    return {
      graph: this.graph,
      inputs: this.#inputs,
      parameters: this.#parameters,
      buffers: new Set([...this.#buffers].filter((name) => this.#parameters.has(name))),
      tensors: new Map(
        [...this.#bounds].map(
          ([
            name,
            {
              type: { dtype, shape },
            },
          ]) => [name, { dtype, shape }],
        ),
      ),
      axisNames,
      metadata,
    };
  }

  #results(node: NodeProto): readonly Bound[] {
    const bounds = node.input.map((name) => (name === '' ? undefined : this.bound(name)));
    const source = new NodeSource(node, this.#decoded.opset, bounds);
    if (node.opType === branching) return this.#branch(source);
    if (node.opType === 'BatchNormalization') this.#keepStatistics(bounds);
    return this.graph.scoped(scopeOf(node), () => {
      const results = importers.get(node.opType)?.(source, this.graph, this.#folder) ?? this.#apply(node, source);
      source.checkRead();
      for (const { type } of results) checkShape(type.shape, 'a result');
      return results;
    });
  }

  /** Of two graphs the one that is computed, which must be known. */
  #branch(source: NodeSource): readonly Bound[] {
    const condition = source.constant(0)?.[0];
    if (condition === undefined) throw new LegendaError('a condition is expected');
    const taken = source.graph(condition === 0 ? 'else_branch' : 'then_branch');
    for (const proto of taken.initializer) {
      refuseExternal(proto, `initialiser ${quoted(proto.name)}`);
      this.#initialisers.set(proto.name, proto);
      this.#bounds.delete(proto.name);
    }
    refuseUnsupported(taken.node);
    for (const node of taken.node) this.read(node);
    return taken.output.map(({ name }) => this.bound(name));
  }

  #apply(node: NodeProto, source: NodeSource): readonly Bound[] {
    const { opType } = node;
    source.bound(0);
    const { inputs, attributes } = opOf(opType).read(source);
    const taken = inputs.map((index) => source.bound(index));
    const apply = once(() => {
      const values = taken.map((bound) => bound.value());
      return this.graph.scoped(scopeOf(node), () => this.graph.apply(opType, values, attributes), true);
    });
    const constants = taken.flatMap(({ constant }) => constant ?? []);
    const folded = constants.length === taken.length ? this.#folder.fold(opType, constants, attributes) : undefined;
    if (folded === undefined) return apply().map(computed);
    return folded.map((tensor, index) => foldedBound(this.graph, tensor, taken, () => apply()[index]!));
  }

  #keepStatistics(bounds: readonly (Bound | undefined)[]): void {
    for (const bound of bounds.slice(3, 5)) {
      if (bound?.parameter !== undefined) this.#buffers.add(bound.parameter.name);
    }
  }

  /**
   * Whether an initialiser is no parameter: one that `writeOnnx` calls a constant, and in other programs' files a single number
   * without axes. Programs that put constants among the initialisers (ONNX Runtime does, where it saves a model) give exponents,
   * epsilons and √2 so.
   */
  #isConstant({ docString, dims }: TensorProto): boolean {
    return docString === constantNote || (dims.length === 0 && this.#decoded.proto.producerName !== 'legenda');
  }
}

/** @throws LegendaError naming every op of the nodes that is not supported */
function refuseUnsupported(nodes: readonly NodeProto[]): void {
  const users = new Map<string, NodeProto[]>();
  for (const node of nodes) {
    const subgraph = node.attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0);
    const known = subgraph ? node.opType === branching : Object.hasOwn(ops, node.opType) || importers.has(node.opType);
    if (known && isOnnxDomain(node.domain)) continue;
    const name = `${isOnnxDomain(node.domain) ? '' : `${node.domain}:`}${node.opType}`;
    const same = users.get(name);
    if (same === undefined) users.set(name, [node]);
    else same.push(node);
  }
  if (users.size === 0) return;
  const described = [...users].slice(0, 50).map(([name, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `${quoted(name).slice(1, -1)} (node ${quoted(first!.name || (first!.output[0] ?? ''))}${more})`;
  });
  throw new LegendaError(`the ONNX model needs ops that are not supported: ${described.join(', ')}`);
}

/**
 * Runs what reads a node; every failure names the node. The ops take for granted what ONNX demands, such as inputs that
 * may not be left out: where a file does not keep to it, JavaScript's own errors come.
 */
function failingAs<T>(description: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const message =
      error instanceof LegendaError ? error.message : 'an input or attribute that it needs is missing or senseless';
    throw new LegendaError(`ONNX ${description}: ${message.slice(0, 2000)}`, { cause: error });
  }
}

/** Names in a file are anything, `__proto__` too. */
const record = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;
