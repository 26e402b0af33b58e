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
};

export type Asked = typeof asked;
Object.assign(globalThis, { asked });
