/** What the tests ask of a browser, as functions of the page. */
import type { Runtime } from '../../../src/runtime/session.js';
import { openWebRuntime, type WebRuntimeOptions } from '../../../src/runtime/web.js';
import { conform } from './conformance.js';
import { train, type trainings } from './training.js';

const describe = ({ name, version, threads }: Runtime) => ({ name, version, threads });

const asked = {
  async conform(options: WebRuntimeOptions) {
    const runtime = await openWebRuntime(options);
    return { runtime: describe(runtime), ops: await conform(runtime) };
  },
  async train(options: WebRuntimeOptions, name: keyof typeof trainings, steps: number, batch: number) {
    const runtime = await openWebRuntime(options);
    return { runtime: describe(runtime), ...(await train(runtime, name, steps, batch)) };
  },
  /** What is said of a second runtime with another count of threads. */
  async twoThreadCounts(): Promise<string> {
    await openWebRuntime({ threads: 1 });
    return openWebRuntime({ threads: 2 }).then(
      () => 'nothing',
      ({ message }: Error) => message,
    );
  },
  /** Trainings side by side. */
  async atOnce(count: number) {
    const runtime = await openWebRuntime({ threads: 1 });
    const trained = Array.from({ length: count }, () => train(runtime, 'captioner-attention', 3, 2));
    return { losses: (await Promise.all(trained)).map(({ losses }) => losses) };
  },
  /** Bytes of WebAssembly's memory after every so many sessions, one after the other. */
  async sessionsInTurn(count: number, every: number): Promise<number[]> {
    const grown = watchMemories();
    const runtime = await openWebRuntime({ threads: 1 });
    const bytes: number[] = [];
    for (let i = 1; i <= count; i++) {
      await train(runtime, 'fashion-cnn', 1, 4);
      if (i % every === 0) bytes.push(grown());
    }
    return bytes;
  },
};

/** Counts the bytes of all memories that WebAssembly gets from now on. */
function watchMemories(): () => number {
  const memories: WebAssembly.Memory[] = [];
  const { Memory } = WebAssembly;
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, args: [WebAssembly.MemoryDescriptor]) {
      const memory = new target(...args);
      memories.push(memory);
      return memory;
    },
  });
  return () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

export type Asked = typeof asked;
Object.assign(globalThis, { asked });
