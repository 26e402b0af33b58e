/**
 * Where a graph is computed: what form of it is best depends on that. `wasm` is a CPU by way of WebAssembly, whose kernels do not
 * have the same costs.
 */
export type Device = 'cpu' | 'wasm' | 'webgpu' | 'cuda';

/** What Node computes on. */
export type NodeDevice = Exclude<Device, 'wasm'>;

/** Whether ONNX Runtime computes on the CPU itself, where it has all its ops. */
export const isOnCpu = (device: Device): boolean => device === 'cpu' || device === 'wasm';
