import { availableParallelism } from 'node:os';
import ort from 'onnxruntime-node';
import { UsageError } from '../errors.js';
import { inChannelBlocks } from '../passes/blocked/in-channel-blocks.js';
import type { NodeDevice } from '../passes/device.js';
import { learnChannelBlock } from './channel-block.js';
import { DeviceState } from './device-state.js';
import { HostState } from './host-state.js';
import { createSession, OrtSession } from './ort-session.js';
import type { Ort } from './ort-tensor.js';
import type { CompileOptions, Runtime, Session, StatefulSession, StateInput } from './session.js';
import { learnWithholding, type Withholding } from './withhold.js';

/** On one of the devices that Node computes on. */
export interface NodeRuntime extends Runtime<NodeDevice> {
  /** Channels of a block, where the device convolves fastest in blocks of channels (ONNX Runtime's NCHWc); 1 where it does not. */
  channelBlock(): Promise<number>;
}

export interface NodeRuntimeOptions {
  /** Threads inside an operator; the machine's cores when left out. The same count gives the same bits. */
  readonly threads?: number;
  /** The CPU when left out. `openNodeRuntime` says whether another one is there. */
  readonly device?: NodeDevice;
  /** Whether convolutions are computed in blocks of channels where the machine can; true when left out. */
  readonly channelBlocks?: boolean;
}

// what goes wrong is thrown; the library's own lines on standard error would say it twice
ort.env.logLevel = 'fatal';

const native: Ort = { InferenceSession: ort.InferenceSession, Tensor: ort.Tensor, turn: (begin) => begin() };

/** Learned with the first graph. */
let channelBlock: Promise<number> | undefined;

/** Learned with the first model. */
let withholding: Promise<Withholding> | undefined;

const deviceNames: Readonly<Record<NodeDevice, string>> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA' };

/** ONNX Runtime's native library. @throws UsageError when the threads are not a whole number from 1 */
export function nodeRuntime({
  threads = availableParallelism(),
  device = 'cpu',
  channelBlocks = true,
}: NodeRuntimeOptions = {}): NodeRuntime {
  if (!(Number.isInteger(threads) && threads >= 1))
    throw new UsageError(`nodeRuntime: threads: a whole number from 1 is expected, ${threads} came`);
  const blockSize = async (): Promise<number> => {
    if (device !== 'cpu' || !channelBlocks) return 1;
    channelBlock ??= learnChannelBlock(native);
    return await channelBlock;
  };
  const optionsOf = ({ profile }: CompileOptions = {}) => ({
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential' as const,
    graphOptimizationLevel: 'all' as const,
    // planned memory is taken in one piece beside what the first run took piece by piece: a step of `captioner-attention` held
    // 690 MB with it and 500 without, at the same speed
    enableMemPattern: false,
    // threads that wait for work by spinning would take cores from all that is done between two runs: images that are decoded,
    // batches that are prepared, the garbage collector
    extra: { session: { force_spinning_stop: '1' } },
    // warnings about initialisers that optimisations removed are not the user's business
    logSeverityLevel: 3 as const,
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
  });
  const compile = async (model: Uint8Array, options?: CompileOptions): Promise<Session> => {
    withholding ??= learnWithholding(native);
    const { prepare, own, compute } = await withholding;
    const sessionOf = (form: Uint8Array) => createSession(native, form, optionsOf(options));
    // opsets before 11 have no sequences
    const session = await sessionOf(prepare(model)).catch(() => sessionOf(model));
    return new OrtSession(native, session, own(session.outputNames), compute);
  };
  return {
    name: `onnxruntime-node, ${deviceNames[device]}`,
    version: ort.env.versions.node ?? ort.env.versions.common,
    device,
    threads,
    channelBlock: blockSize,
    async arrange(graph) {
      const block = await blockSize();
      return block > 1 ? inChannelBlocks(graph, block) : graph;
    },
    compile,
    async compileStateful(model, state: readonly StateInput[], options): Promise<StatefulSession> {
      // of graphics processors' memory, the binding can hold WebGPU's alone
      if (device === 'webgpu') return await DeviceState.create(native, model, state, optionsOf(options));
      return new HostState(await compile(model, options), state);
    },
  };
}
