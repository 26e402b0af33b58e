import type { OnnxAttribute, OnnxCall, OnnxSource } from '../../src/ops/op.js';
import { type Tensor, type TensorType, toNumbers } from '../../src/tensor/tensor.js';

/** A node as an importer would hand it to its op's `read`. */
export interface SourceNode extends OnnxCall {
  readonly opset?: number;
  readonly outputCount?: number;
  readonly tensors?: Readonly<Record<string, Tensor>>;
}

/** @param types of the inputs that `node` names by number */
export function onnxSource(node: SourceNode, types: readonly TensorType[]): OnnxSource {
  const { opset = 18, outputCount = 1, inputs = types.map((_, i) => i), tensors = {} } = node;
  const attribute = (
    name: string,
  ): Partial<Record<'int' | 'float' | 'string', unknown>> & { readonly ints?: unknown } =>
    (node.attributes?.[name] ?? {}) as OnnxAttribute;
  return {
    opset,
    outputCount,
    inputs: inputs.map((input) => (typeof input === 'number' ? types[input] : input)),
    int: (name) => attribute(name).int as number | undefined,
    ints: (name) => attribute(name).ints as readonly number[] | undefined,
    float: (name) => attribute(name).float as number | undefined,
    string: (name) => attribute(name).string as string | undefined,
    tensor: (name) => tensors[name],
    constant: (index) => {
      const input = inputs[index];
      if (typeof input === 'number') throw new Error(`input ${index} is computed`);
      return input && [...toNumbers(input)];
    },
  };
}
