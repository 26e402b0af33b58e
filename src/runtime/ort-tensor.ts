import type * as ort from 'onnxruntime-common';
import type { DType, TypedArray } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';

/** ONNX Runtime's JavaScript interface, which its packages for Node and for the browser share. */
export interface Ort extends Pick<typeof ort, 'InferenceSession' | 'Tensor'> {
  /** Begins something that creates, runs or releases a session: at once, or where only one may be done at a time, in turn. */
  turn<T>(begin: () => Promise<T>): Promise<T>;
}

/** ONNX Runtime's views of host tensors, each made once: the same buffers come back at every step. */
export class Views {
  readonly #ort: Ort;
  readonly #views = new WeakMap<TypedArray, ort.Tensor>();

  constructor(module: Ort) {
    this.#ort = module;
  }

  of({ dtype, shape, data }: Tensor): ort.Tensor {
    let view = this.#views.get(data);
    if (view === undefined) {
      view = new this.#ort.Tensor(dtype as 'float32', data as Float32Array, shape);
      this.#views.set(data, view);
    }
    return view;
  }
}

/** What ONNX Runtime computed into the host's memory. */
export const fromOrt = ({ type, dims, data }: ort.Tensor): Tensor => ({
  dtype: type as DType,
  shape: dims,
  data: data as TypedArray,
});

/** Writes what was computed where it was wanted. */
export function copyInto(target: Tensor, computed: ort.Tensor): void {
  (target.data as Float32Array).set(computed.data as Float32Array);
}
