// A thread of its own for one model: ONNX Runtime keeps the thread that calls it busy, and requests must be heard meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import { LegendaError, UsageError } from '../../errors.js';
import { openModel } from './model.js';
import type { BatchOrder, ModelSettings, Reply } from './protocol.js';

const port = parentPort!;
const reply = (what: Reply): void => port.postMessage(what);

try {
  const model = await openModel(workerData as ModelSettings);
  port.on('message', async ({ images, best }: BatchOrder) => {
    try {
      reply({ type: 'answers', answers: await model.answer(images, best) });
    } catch (error) {
      reply({ type: 'failed', message: (error as Error).message });
    }
  });
  reply({ type: 'ready', model: model.description });
} catch (error) {
  if (!(error instanceof LegendaError)) throw error;
  reply({ type: 'refused', message: error.message, usage: error instanceof UsageError });
}
