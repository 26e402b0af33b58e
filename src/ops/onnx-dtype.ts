import type { DType } from '../tensor/dtype.js';

/** Numbers of `TensorProto.DataType` (ONNX IR specification). */
export const onnxOfDType: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

export const dtypeOfOnnx = (code: number): DType | undefined =>
  (Object.keys(onnxOfDType) as DType[]).find((dtype) => onnxOfDType[dtype] === code);
