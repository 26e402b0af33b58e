// Fine-tunes an ONNX file. PyTorch trained examples/encoder/encoder.onnx on five of Fashion-MNIST's ten classes; with a
// new head it learns all ten. Fails when the file that comes out is right on too few of the test images.
//
//     npm run setup && node examples/fine-tune-onnx.js [OUT.onnx]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  adamW,
  BatchSource,
  buildStep,
  ClassificationScorer,
  cosineRate,
  evaluationBatches,
  exportModel,
  initialParameters,
  Linear,
  LogSoftmax,
  nllLoss,
  OnnxModule,
  Sequential,
  TrainingStep,
  tensor,
} from 'legenda';
import { loadFashionMnistSample, nodeRuntime } from 'legenda/node';

const out = process.argv[2] ?? 'runs/fine-tuned.onnx';
const target = 0.82;
const batchSize = 30;
const epochs = 3;
const image = [1, 28, 28];
const seed = 1;

// The file, cut at its last hidden tensor, which has 32 values an image (`encoder.tensors` has the names of all).
const file = readFileSync(new URL('encoder/encoder.onnx', import.meta.url));
const encoder = new OnnxModule(file, { outputs: ['/relu3/Relu_output_0'] });
const model = new Sequential({ encoder, head: new Linear(32, 10), logSoftmax: new LogSoftmax() });

const definition = buildStep({
  model,
  inputs: {
    pixels: { dtype: 'float32', shape: [batchSize, ...image] },
    labels: { dtype: 'int64', shape: [batchSize] },
  },
  loss: (network, { pixels, labels }, trace) => ({ loss: nllLoss(network.call(pixels, trace), labels) }),
  optimiser: adamW(),
  frozen: (name) => name.startsWith('encoder.conv1') || name.startsWith('encoder.norm1'),
});

const runtime = nodeRuntime({ threads: 1 });
const step = await TrainingStep.compile(runtime, definition, initialParameters(model, seed), seed);
const data = await loadFashionMnistSample();
const batches = new BatchSource(data.train, { batchSize, seed, classes: data.classes.length });
const rate = cosineRate(0.003, epochs * batches.batches);
const pixels = tensor('float32', [batchSize, ...image], new Float32Array(batchSize * 784));
const labels = tensor('int64', [batchSize], new BigInt64Array(batchSize));
for (let epoch = 0; epoch < epochs; epoch++) {
  let sum = 0;
  for (let batch = 0; batch < batches.batches; batch++) {
    batches.fill(epoch, batch, { pixels: pixels.data, labels: labels.data });
    const number = epoch * batches.batches + batch;
    const { loss } = await step.run(number, rate(number), { pixels, labels });
    sum += loss.data[0];
  }
  console.log(`epoch ${epoch + 1}: loss ${(sum / batches.batches).toFixed(3)}`);
}

mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, exportModel(model, image, await step.state()));
await step[Symbol.asyncDispose]();

// What counts is the file that others get.
const session = await runtime.compile(readFileSync(out));
const scorer = new ClassificationScorer(data.classes.length);
for (const { pixels, labels, count } of evaluationBatches(data.test, { batchSize: 100 })) {
  const { output } = await session.run({ pixels: tensor('float32', [100, ...image], pixels) }, { output: true });
  scorer.add(output.data, labels, count);
}
await session.release();
const { accuracy } = scorer.scores();
console.log(`${out}: test accuracy ${accuracy.toFixed(4)}, at least ${target} is expected`);
process.exitCode = accuracy >= target ? 0 : 1;
