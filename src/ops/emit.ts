import { type Tensor, tensor } from '../tensor/tensor.js';

/** An int64 vector, as ONNX takes shapes, axes and bounds. */
export const int64s = (values: readonly number[]): Tensor => tensor('int64', [values.length], values);

/** 0 … n-1: all of a call's inputs, in order. */
export const allInputs = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
