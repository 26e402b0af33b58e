import { LegendaError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import { matmul } from '../ops/build.js';
import { ops } from '../ops/table.js';
import type { NodeDevice } from '../passes/device.js';
import { tensor } from '../tensor/tensor.js';
import { compileGraph } from './compile.js';
import { type NodeRuntime, nodeRuntime } from './node.js';
import type { Runtime } from './session.js';

/** A device, or the one that is fastest. */
export type DeviceChoice = NodeDevice | 'auto';

export interface OpenNodeOptions {
  /** @see NodeRuntimeOptions.threads */
  readonly threads?: number;
  /** `auto`: the one that is there and multiplies matrices fastest. The CPU when left out. */
  readonly device?: DeviceChoice;
}

/**
 * ONNX Runtime's native library on a device that was seen to compute.
 * @throws LegendaError when the device is not there, saying what is missing
 */
export async function openNodeRuntime({ threads, device = 'cpu' }: OpenNodeOptions = {}): Promise<NodeRuntime> {
  const on = (chosen: NodeDevice): NodeRuntime =>
    nodeRuntime({ device: chosen, ...(threads !== undefined && { threads }) });
  if (device === 'cpu') return on(device);
  if (device === 'auto') return on(await fastest(on));
  try {
    await multiply(on(device), 8);
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]!.replace(/^.*?(?=Failed to get)/, '');
    throw new LegendaError(`the device "${device}" cannot be used here: ${missing[device]} (${reason})`, {
      cause: error,
    });
  }
  return on(device);
}

const missing: Readonly<Record<Exclude<NodeDevice, 'cpu'>, string>> = {
  webgpu: 'it needs a graphics processor with its driver, on Linux a Vulkan one and libvulkan1',
  cuda: "it needs an NVIDIA card, CUDA with cuDNN and ONNX Runtime's CUDA libraries, which installing onnxruntime-node fetches (for CUDA 12) on Linux x64 where .npmrc does not skip that",
};

/** A software renderer answers to WebGPU too, and is slower than the CPU by itself. */
async function fastest(on: (device: NodeDevice) => Runtime): Promise<NodeDevice> {
  const times: [number, NodeDevice][] = [];
  for (const device of ['cpu', 'webgpu', 'cuda'] as const) {
    const time = await multiply(on(device), 1024).catch(() => Number.POSITIVE_INFINITY);
    times.push([time, device]);
  }
  return times.sort(([a], [b]) => a - b)[0]![1];
}

/** The least milliseconds of a few products of two matrices of a size. */
async function multiply(runtime: Runtime, size: number): Promise<number> {
  const graph = new Graph(ops);
  const type = { dtype: 'float32', shape: [size, size] } as const;
  graph.output('product', matmul(graph.input('a', type), graph.input('b', type)));
  const half = tensor('float32', [size, size], new Float32Array(size * size).fill(0.5));
  const session = await compileGraph(runtime, graph);
  try {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 4; round++) {
      const began = performance.now();
      const { product } = await session.run({ a: half, b: half }, { product: true });
      least = Math.min(least, performance.now() - began);
      if (product!.data[0] !== size / 4) throw new LegendaError(`${runtime.name} multiplies wrongly`);
    }
    return least;
  } finally {
    await session.release();
  }
}
