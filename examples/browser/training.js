// The worker: it trains, and says how it goes on. Between runs of a few steps it listens, so that it can be stopped.
import {
  BatchSource,
  buildStep,
  ClassificationScorer,
  chooseStepsAtOnce,
  decodeSafetensors,
  evaluationBatches,
  exportModel,
  FashionCnn,
  InferenceModel,
  initialParameters,
  nllLoss,
  SeveralBatches,
  sgd,
  TrainingStep,
  tensor,
} from 'legenda';
import { openWebRuntime } from 'legenda/web';

const seed = 42;
const evaluationBatch = 100;
/** Milliseconds between two messages, and between two looks at what the page says. */
const interval = 100;

let stopped = false;
addEventListener('message', ({ data }) => {
  if (data.type === 'stop') stopped = true;
  else train(data).catch(({ message }) => postMessage({ type: 'failed', message }));
});

/** Lets messages in. */
const listen = () => new Promise((resolve) => setTimeout(resolve));

async function train({ data, device, lr, batch, epochs }) {
  postMessage({ type: 'loading' });
  const [runtime, images] = await Promise.all([openWebRuntime({ device }), fetchImages(data)]);
  const model = new FashionCnn();
  const batches = new BatchSource(images.train, { batchSize: batch, seed });
  const definition = buildStep({
    model,
    inputs: {
      pixels: { dtype: 'float32', shape: [batch, 1, 28, 28] },
      labels: { dtype: 'int64', shape: [batch] },
    },
    loss: (network, inputs, trace) => ({ loss: nllLoss(network.call(inputs.pixels, trace), inputs.labels) }),
    optimiser: sgd(),
    device: runtime.device,
  });
  const steps = epochs * batches.batches;
  // a few small steps in one run: what a run costs beside them is paid once
  const most = Math.min(10, chooseStepsAtOnce(definition, runtime.device));
  const buffers = new SeveralBatches(most, batch, [1, 28, 28]);
  const first = initialParameters(model, seed);
  await using step = await TrainingStep.compile(runtime, definition, first, seed, { stepsAtOnce: most });
  const { name, threads } = runtime;
  postMessage({ type: 'ready', runtime: `${name}, ${threads} thread(s)`, images: images.train.count, steps });

  const began = performance.now();
  let told = began;
  let losses = [];
  for (let i = 0; i < steps && !stopped; ) {
    const [epoch, from] = [Math.floor(i / batches.batches), i % batches.batches];
    const count = Math.min(most, batches.batches - from);
    for (let k = 0; k < count; k++) batches.fill(epoch, from + k, buffers.at(k));
    const { loss } = await step.runSeveral(i, new Array(count).fill(lr), buffers.first(count));
    losses.push(...loss.data);
    i += count;
    const now = performance.now();
    if (now - told < interval && i < steps) continue;
    const weights = (await step.state()).get('conv1.weight').data.slice();
    postMessage({ type: 'progress', losses, weights, side: 3, stepsPerSecond: (1000 * losses.length) / (now - told) });
    told = now;
    losses = [];
    await listen();
  }
  const seconds = (performance.now() - began) / 1000;
  const parameters = await step.state();
  const accuracy = await accuracyOn(images.test, model, parameters, runtime);
  const file = exportModel(model, [1, 28, 28], parameters);
  postMessage({ type: 'trained', accuracy, seconds, model: file, stopped }, [file.buffer]);
}

async function fetchImages(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  const { tensors } = decodeSafetensors(new Uint8Array(await response.arrayBuffer()));
  const split = (name) => {
    const { shape, data } = tensors.get(`${name}.pixels`);
    const [count, channels, height, width] = shape;
    return { pixels: data, labels: tensors.get(`${name}.labels`).data, count, channels, height, width };
  };
  return { train: split('train'), test: split('test') };
}

async function accuracyOn(images, model, parameters, runtime) {
  const shape = [evaluationBatch, 1, 28, 28];
  await using inference = await InferenceModel.compile(runtime, model, { dtype: 'float32', shape });
  const scorer = new ClassificationScorer(10);
  for (const { pixels, labels, count } of evaluationBatches(images, { batchSize: evaluationBatch })) {
    const scores = await inference.run(tensor('float32', shape, pixels), parameters);
    scorer.add(scores.data, labels, count);
  }
  return scorer.scores().accuracy;
}
