import { create, toBinary } from '@bufbuild/protobuf';
import { onnxOfDType } from '../ops/onnx-dtype.js';
import { ModelProtoSchema } from './generated/onnx_pb.js';

/**
 * The ONNX model with one more output, in front of the others: an empty sequence of tensors of float32.
 * @param name which none of the model's values has
 */
export function prependSequence(model: Uint8Array, name: string): Uint8Array {
  const elemType = { tensorType: { elemType: onnxOfDType.float32 } };
  const output = { name, type: { sequenceType: { elemType } } };
  const graph = { node: [{ opType: 'SequenceEmpty', output: [name] }], output: [output] };
  // protocol buffers that stand one behind the other are read as one message, lists put together
  const alone = toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph }));
  const both = new Uint8Array(alone.length + model.length);
  both.set(alone);
  both.set(model, alone.length);
  return both;
}
