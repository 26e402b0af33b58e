import type * as ort from 'onnxruntime-common';
import { LegendaError } from '../errors.js';
import { DeviceState } from './device-state.js';
import { HostState } from './host-state.js';
import { type Compute, createSession, OrtSession } from './ort-session.js';
import type { Ort } from './ort-tensor.js';
import type { Runtime, Session, StatefulSession, StateInput } from './session.js';
import { Turns } from './turns.js';

export interface WebRuntimeOptions {
  /** WebAssembly (`cpu`, when left out) or the graphics processor. */
  readonly device?: 'cpu' | 'webgpu';
  /**
   * Threads inside an operator, of WebAssembly. More than one needs a page that is cross-origin isolated (served with the
   * headers COOP `same-origin` and COEP `require-corp`); elsewhere it is one. Half the cores, at most four, when left out.
   */
  readonly threads?: number;
  /** Where ONNX Runtime's `.wasm` file is, as an address that ends in a slash; beside the script when left out. */
  readonly wasmPath?: string;
}

type OrtWeb = Pick<typeof ort, 'InferenceSession' | 'Tensor' | 'env'>;

/** Threads of a page are settled with its first session: all of its runtimes share them. */
let settled: number | undefined;

/**
 * ONNX Runtime in a browser: `onnxruntime-web`, which is to be installed beside Legenda. WebAssembly anywhere, workers included;
 * WebGPU where the browser has it.
 *
 * @throws LegendaError when WebGPU is asked for and not there, or another count of threads than the page's first
 */
export async function openWebRuntime({ device = 'cpu', threads, wasmPath }: WebRuntimeOptions = {}): Promise<Runtime> {
  if (device === 'webgpu') await checkWebGpu();
  const module: OrtWeb =
    device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  const isolated = globalThis.crossOriginIsolated === true;
  const used = isolated ? (threads ?? Math.min(4, Math.ceil((navigator.hardwareConcurrency || 1) / 2))) : 1;
  if (settled !== undefined && settled !== used)
    throw new LegendaError(`this page computes with ${settled} threads since its first runtime; ${used} came`);
  settled = used;
  module.env.wasm.numThreads = used;
  // what goes wrong is thrown
  module.env.logLevel = 'fatal';
  if (wasmPath !== undefined) module.env.wasm.wasmPaths = wasmPath;
  return webRuntime(module, device, used, isolated);
}

async function checkWebGpu(): Promise<void> {
  const { gpu } = navigator as Navigator & { readonly gpu?: { requestAdapter(): Promise<unknown> } };
  if (gpu === undefined)
    throw new LegendaError('this browser has no WebGPU, or not on pages that are not secure (HTTPS)');
  if (!(await gpu.requestAdapter()))
    throw new LegendaError('this browser has WebGPU, but no graphics processor for it');
}

function webRuntime(module: OrtWeb, device: 'cpu' | 'webgpu', threads: number, isolated: boolean): Runtime {
  const alone = device === 'cpu' && !isolated ? ' (one thread: the page is not cross-origin isolated)' : '';
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: [device === 'cpu' ? 'wasm' : 'webgpu'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  };
  const web: Ort = {
    InferenceSession: module.InferenceSession,
    Tensor: module.Tensor,
    turn: (begin) => turns.take(begin),
  };
  const compile = async (model: Uint8Array): Promise<Session> => {
    const session = await createSession(web, model, options);
    return new OrtSession(web, session, session.outputNames, returning);
  };
  return {
    name: `onnxruntime-web, ${device === 'cpu' ? 'WebAssembly' : 'WebGPU'}${alone}`,
    version: module.env.versions.web ?? module.env.versions.common,
    device: device === 'cpu' ? 'wasm' : device,
    threads,
    compile,
    async compileStateful(model, state: readonly StateInput[]): Promise<StatefulSession> {
      if (device === 'webgpu') return await DeviceState.create(web, model, state, options);
      return new HostState(await compile(model), state);
    },
  };
}

/** Everything is computed into new memory. */
const returning: Compute = (session, feeds, fetches) => session.run(feeds, Object.keys(fetches));

/** onnxruntime-web does one thing at a time, in all of its sessions. */
const turns = new Turns();
