import { describe, expect, test } from 'vitest';
import { dist, runScript } from '../support/cli.js';
import { inFolder } from '../support/training.js';

/** What a process of its own prints as JSON: no other test's memory is in what it measures. */
async function measured<T>(script: string): Promise<T> {
  const prelude = `
    import { configure } from ${dist('recipes/configure')};
    import { classifierNamed } from ${dist('recipes/table')};
    import { trainingOf } from ${dist('recipes/train-recipe')};
    import { loadFashionMnistSample } from ${dist('data/fashion-mnist')};
    import { nodeRuntime } from ${dist('runtime/node')};
    import { Flatten, LogSoftmax } from ${dist('nn/activation')};
    import { Dropout } from ${dist('nn/dropout')};
    import { Linear } from ${dist('nn/linear')};
    import { Sequential } from ${dist('nn/sequential')};
    const runtime = nodeRuntime({ threads: 1 });
    const layers = [new Flatten(), new Dropout(0.5), new Linear(784, 10), new LogSoftmax()];
    const model = new Sequential(Object.fromEntries(layers.map((layer, i) => ['layer' + i, layer])));
    const trainingWith = async (name, settings) => {
      const recipe = classifierNamed(name);
      return trainingOf(recipe, configure(recipe, settings), await loadFashionMnistSample(), 42);
    };
    /** Resident megabytes, without what the collector has not come to. */
    const resident = () => {
      gc();
      return process.memoryUsage.rss() / 2 ** 20;
    };`;
  return JSON.parse(await runScript(`${prelude}\n${script}`, ['--expose-gc']));
}

describe.concurrent('memory', () => {
  test('ten thousand steps with their epochs and checkpoints add nothing after the first four thousand', async () => {
    await inFolder(async (dir) => {
      // 500 steps an epoch: twenty validations and checkpoints too
      const settings = { batch: 2, epochs: 20, validation: 2 / 3, momentum: 0.9, averageDecay: 0.99, erase: 0.2 };
      const megabytes = await measured<number[]>(`
        import { fitClassifier } from ${dist('train/classifier')};
        const training = await trainingWith('fashion-cnn', ${JSON.stringify(settings)});
        const split = { ...training.split, validation: training.split.validation.slice(0, 250) };
        const megabytes = [];
        await fitClassifier(${JSON.stringify(dir)}, { ...training, model, split }, {
          runtime,
          onStep({ step }) {
            if (step % 1000 === 0) megabytes.push(resident());
          },
        });
        console.log(JSON.stringify(megabytes));`);
      expect(megabytes).toHaveLength(10);
      const [warm, ...later] = megabytes.slice(3);
      expect(Math.max(...later) - warm!, `${megabytes.map(Math.round)} MB`).toBeLessThan(8);
    });
  });

  test('sessions that are released leave nothing', async () => {
    const megabytes = await measured<number[]>(`
      import { buildStep } from ${dist('train/step-graph')};
      import { TrainingStep } from ${dist('train/step')};
      import { InferenceModel } from ${dist('train/inference')};
      import { initialParameters } from ${dist('nn/module')};
      import { nllLoss } from ${dist('nn/loss')};
      import { tensor } from ${dist('tensor/tensor')};
      const { optimiser } = await trainingWith('fashion-cnn', { momentum: 0.9 });
      const pixels = tensor('float32', [8, 1, 28, 28], new Float32Array(8 * 784).fill(0.5));
      const labels = tensor('int64', [8], new BigInt64Array(8));
      const loss = (network, { pixels, labels }, trace) => ({ loss: nllLoss(network.call(pixels, trace), labels) });
      const definition = buildStep({ model, inputs: { pixels, labels }, loss, optimiser });
      const state = initialParameters(model, 1);
      const megabytes = [];
      for (let session = 1; session <= 300; session++) {
        const step = await TrainingStep.compile(runtime, definition, state, 1);
        const inference = await InferenceModel.compile(runtime, model, pixels);
        await step.run(0, 0.01, { pixels, labels });
        await inference.run(pixels, await step.state());
        await step[Symbol.asyncDispose]();
        await inference[Symbol.asyncDispose]();
        if (session >= 100 && session % 100 === 0) megabytes.push(resident());
      }
      console.log(JSON.stringify(megabytes));`);
    // Two sessions of so small a model are 0.6 MB: 200 pairs that stay would add 120. The allocator itself is warm after 100.
    expect(megabytes.at(-1)! - megabytes[0]!, `${megabytes.map(Math.round)} MB`).toBeLessThan(20);
  });
});
