// The machine's ceiling: one product of two 1024×1024 matrices a step; the protocol of serve.js.
import { Ceiling } from '../../dist/bench/ceiling.js';
import { nodeRuntime } from '../../dist/node.js';
import { serve } from './serve.js';

const runtime = nodeRuntime({ threads: Number(process.argv[2]) });
const ceiling = await Ceiling.compile(runtime);
await serve(`onnxruntime-node ${runtime.version}`, async () => {
  await ceiling.multiply();
  return 0;
});
