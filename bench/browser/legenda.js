import {
  buildStep,
  chooseStepsAtOnce,
  FashionCnn,
  initialParameters,
  nllLoss,
  sgd,
  TrainingStep,
  tensor,
} from 'legenda';
import { openWebRuntime } from 'legenda/web';
import { repeated } from '../../dist/tensor/stack.js';

export async function begin(batch, options) {
  const runtime = await openWebRuntime(options);
  const model = new FashionCnn();
  const shape = [batch, 1, 28, 28];
  const pixels = tensor(
    'float32',
    shape,
    Float32Array.from({ length: batch * 784 }, () => Math.random()),
  );
  const labels = tensor(
    'int64',
    [batch],
    Array.from({ length: batch }, (_, i) => i % 10),
  );
  const definition = buildStep({
    model,
    inputs: { pixels, labels },
    loss: (network, inputs, trace) => ({ loss: nllLoss(network.call(inputs.pixels, trace), inputs.labels) }),
    optimiser: sgd(),
    device: runtime.device,
  });
  const atOnce = chooseStepsAtOnce(definition, runtime.device);
  const step = await TrainingStep.compile(runtime, definition, initialParameters(model, 1), 1, { stepsAtOnce: atOnce });
  const batches = { pixels: repeated(pixels, atOnce), labels: repeated(labels, atOnce) };
  const rates = new Array(atOnce).fill(0.01);
  return {
    version: `onnxruntime-web ${runtime.version}`,
    atOnce,
    step: async (i) => (await step.runSeveral(i, rates, batches)).loss.data[atOnce - 1],
  };
}
