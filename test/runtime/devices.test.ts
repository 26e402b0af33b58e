/** Other devices than the CPU: the same results where they are, a clear message where they are not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dist, legenda, runScript, settings, startLegenda } from '../support/cli.js';
import { hasSoftwareGpu, noGpu, softwareGpu, withoutSoftwareGpu } from '../support/software-gpu.js';
import { inFolder } from '../support/training.js';

const brief = ['train', 'fashion-mlp', '--sample', '--threads', '1', ...settings({ epochs: 1, batch: 600 })];

describe('a device that is not there', () => {
  it.each([
    ['webgpu', 'the device "webgpu" cannot be used here: it needs a graphics processor with its driver'],
    ['cuda', 'the device "cuda" cannot be used here: it needs an NVIDIA card'],
  ])('%s is refused before anything is written', async (device, message) => {
    await inFolder(async (dir) => {
      const out = join(dir, 'run');
      const result = await legenda([...brief, '--device', device, '--out', out], { env: noGpu });
      expect(result).toMatchObject({ status: 1, stdout: '' });
      expect(result.stderr).toContain(`legenda: ${message}`);
      expect(existsSync(out)).toBe(false);
    });
  });

  it('is not what "auto" takes', async () => {
    await inFolder(async (dir) => {
      const result = await legenda([...brief, '--device', 'auto', '--out', join(dir, 'run')], { env: noGpu });
      expect(result.status).toBe(0);
      expect(result.stderr).toContain('computing on: cpu');
    });
  });

  it('of another name is refused with the names there are', async () => {
    const result = await legenda([...brief, '--device', 'gpu']);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain('Allowed choices are cpu, webgpu, cuda, auto');
  });
});

describe.skipIf(!hasSoftwareGpu)(`WebGPU${withoutSoftwareGpu}`, () => {
  const prelude = `
    import { adam, sgd } from ${dist('optim/optimisers')};
    import { buildStep } from ${dist('train/step-graph')};
    import { captionStep } from ${dist('train/captioner')};
    import { CaptionerAttention } from ${dist('models/captioner-attention')};
    import { CaptionNetwork } from ${dist('models/caption-network')};
    import { Conv2d } from ${dist('nn/conv2d')};
    import { Flatten, LogSoftmax, ReLU } from ${dist('nn/activation')};
    import { initialParameters } from ${dist('nn/module')};
    import { Linear } from ${dist('nn/linear')};
    import { MaxPool2d } from ${dist('nn/pool')};
    import { nllLoss } from ${dist('nn/loss')};
    import { nodeRuntime } from ${dist('runtime/node')};
    import { Sequential } from ${dist('nn/sequential')};
    import { tensor } from ${dist('tensor/tensor')};
    import { toNumbers } from ${dist('tensor/tensor')};
    import { TrainingStep } from ${dist('train/step')};
    const drawn = (...shape) => tensor('float32', shape, Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * i)));
    const counted = (length, most) => tensor('int64', [length], Array.from({ length }, (_, i) => i % most));
    /** Losses of four steps and the state after them, on both devices. */
    const compare = async (stepOn, model, feeds) => {
      const found = {};
      for (const device of ['cpu', 'webgpu']) {
        const step = await TrainingStep.compile(nodeRuntime({ threads: 1, device }), stepOn(device), initialParameters(model, 1), 1);
        const losses = [];
        for (let i = 0; i < 4; i++) losses.push((await step.run(i, 0.01, feeds)).loss.data[0]);
        const state = Object.fromEntries([...(await step.state())].map(([name, value]) => [name, [...toNumbers(value)]]));
        await step[Symbol.asyncDispose]();
        found[device] = { losses, state };
      }
      console.log(JSON.stringify(found));
    };`;

  type Found = Record<'cpu' | 'webgpu', { losses: number[]; state: Record<string, number[]> }>;

  const bothAgree = async (script: string): Promise<void> => {
    const { cpu, webgpu } = JSON.parse(await runScript(prelude + script, [], { env: softwareGpu })) as Found;
    expect(cpu.losses[3]).toBeLessThan(cpu.losses[0]!);
    webgpu.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(cpu.losses[i]!, 4);
    });
    expect(Object.keys(webgpu.state)).toEqual(Object.keys(cpu.state));
    for (const [name, values] of Object.entries(webgpu.state)) {
      const furthest = Math.max(...values.map((value, i) => Math.abs(value - cpu.state[name]![i]!)));
      expect(furthest, name).toBeLessThan(2e-4);
    }
  };

  it('trains a network of convolutions as the CPU does', { timeout: 120_000 }, () =>
    bothAgree(`
      const layers = { conv: new Conv2d(1, 4, 3, { padding: 1 }), relu: new ReLU(), pool: new MaxPool2d(2), flatten: new Flatten(), fc: new Linear(64, 5), out: new LogSoftmax() };
      const model = new Sequential(layers);
      const [pixels, labels] = [drawn(6, 1, 8, 8), counted(6, 5)];
      const stepOn = (device) => buildStep({ model, device, inputs: { pixels, labels }, loss: (network, inputs, trace) => ({ loss: nllLoss(network.call(inputs.pixels, trace), inputs.labels) }), optimiser: sgd({ momentum: 0.9 }) });
      await compare(stepOn, model, { pixels, labels });`),
  );

  it('trains a captioner with attention over more steps than a shader has buffers', { timeout: 240_000 }, () =>
    bothAgree(`
      const [batch, length, regions, size, vocabulary] = [2, 15, 4, 8, 12];
      const sizes = { vocabulary, features: size, embedding: size, hidden: size, attention: size, dropout: 0 };
      const model = new CaptionNetwork(undefined, new CaptionerAttention(sizes));
      const settings = { network: model, images: { shape: [regions, size] }, batchSize: batch, labelSmoothing: 0, scheduledSampling: 0, attentionPenalty: 0, words: batch * length, optimiser: adam() };
      const words = counted(batch * length, vocabulary);
      await compare((device) => captionStep({ ...settings, device }, Array(length).fill(batch)), model, { images: drawn(batch, regions, size), words, targets: words });`),
  );

  it('trains, saves and goes on from the command line', { timeout: 120_000 }, async () => {
    await inFolder(async (dir) => {
      const out = join(dir, 'run');
      const args = [...brief.slice(0, -2), ...settings({ batch: 100 }), '--device', 'webgpu'];
      const running = startLegenda([...args, '--json', '--checkpoint-steps', '5', '--out', out], { env: softwareGpu });
      await running.line((line) => line.includes('"checkpoint"'));
      running.child.kill('SIGKILL');
      await running.ended;
      const other = await legenda(['train', 'fashion-mlp', '--resume', out, '--device', 'cpu'], { env: softwareGpu });
      expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining('was started on the device "webgpu"') });
      const gone = await legenda(['train', 'fashion-mlp', '--resume', out], { env: softwareGpu });
      expect(gone, gone.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('test accuracy') });
    });
  });
});
