import { availableParallelism } from 'node:os';
import ort from 'onnxruntime-node';
import type { Device } from '../passes/device.js';
import type { TypedArray } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { DeviceState } from './device-state.js';
import { HostState } from './host-state.js';
import { createSession, OrtSession } from './ort-session.js';
import type { Ort } from './ort-tensor.js';
import type { CompileOptions, Runtime, Session, StatefulSession, StateInput } from './session.js';

export interface NodeRuntimeOptions {
  /** Threads inside an operator; the machine's cores when left out. The same count gives the same bits. */
  readonly threads?: number;
  /** The CPU when left out. `openNodeRuntime` says whether another one is there. */
  readonly device?: Device;
}

// what goes wrong is thrown; the library's own lines on standard error would say it twice
ort.env.logLevel = 'fatal';

const native: Ort = { InferenceSession: ort.InferenceSession, Tensor: ort.Tensor, turn: (begin) => begin() };

const deviceNames: Readonly<Record<Device, string>> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA' };

/** ONNX Runtime's native library. */
export function nodeRuntime({ threads = availableParallelism(), device = 'cpu' }: NodeRuntimeOptions = {}): Runtime {
  const optionsOf = ({ profile }: CompileOptions = {}) => ({
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential' as const,
    graphOptimizationLevel: 'all' as const,
    // planned memory is taken in one piece beside what the first run took piece by piece: a step of `captioner-attention` held
    // 690 MB with it and 500 without, at the same speed
    enableMemPattern: false,
    // threads that wait for work by spinning would take the other cores from the garbage collector's between two runs: a step of
    // `captioner-attention` spent 8 ms in it with them and 4 without, on two cores
    extra: { session: { force_spinning_stop: '1' } },
    // warnings about initialisers that optimisations removed are not the user's business
    logSeverityLevel: 3 as const,
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
  });
  const compile = async (model: Uint8Array, options?: CompileOptions): Promise<Session> =>
    new OrtSession(native, await createSession(native, model, optionsOf(options)), true, deliver);
  return {
    name: `onnxruntime-node, ${deviceNames[device]}`,
    version: ort.env.versions.node ?? ort.env.versions.common,
    device,
    threads,
    compile,
    async compileStateful(model, state: readonly StateInput[], options): Promise<StatefulSession> {
      // of graphics processors' memory, the binding can hold WebGPU's alone
      if (device === 'webgpu') return await DeviceState.create(native, model, state, optionsOf(options));
      const bytes = state.reduce((sum, { value }) => sum + value.data.byteLength, 0);
      if (bytes > manyBytes) keepFreedMemory();
      return new HostState(await compile(model, options), state);
    },
  };
}

/** What was wanted in given memory is there already, and in a copy that onnxruntime-node 1.30 makes. */
const deliver = (_: Tensor, copy: ort.Tensor): void => discard((copy.data as TypedArray).buffer as ArrayBuffer);

const nowhere = closedPort();

/**
 * Frees a buffer's memory at once, by transferring it to where nobody listens. onnxruntime-node 1.30 returns a copy of an
 * output even where it wrote into the given tensor; left to the garbage collector, the copies of a network's parameters
 * keep it so busy that a step takes twice as long.
 */
function discard(buffer: ArrayBuffer): void {
  nowhere.postMessage(null, [buffer]);
}

/** Copies of less are a small part of a step. */
const manyBytes = 2 ** 24;

/**
 * Has freed memory of up to 64 MiB stay with the process for its next use. The C library of Linux (glibc) gives large pieces back to
 * the system, which clears each page anew when it is wanted again; how large is large follows the largest piece that was freed, up to
 * 32 MiB (mallopt(3), M_MMAP_THRESHOLD). The copies of a step's outputs are such pieces: without this a step of
 * `captioner-attention` takes 1.15 times as long. To other C libraries it is nothing.
 */
function keepFreedMemory(): void {
  discard(new ArrayBuffer(2 ** 25 - 2 ** 13));
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
