import type { ClassifierRun, NetworkSummary, Reproduction } from '../../src/report/data.js';
import { publishedRates } from '../../src/report/published.js';
import { recordFixture } from './run-record.js';

/** A fixture: numbers that look like training, made up by formulas. Nothing in it was measured. */
export function reproductionFixture(): Reproduction {
  return {
    title: 'Two networks counted, one trained',
    mode: 'full',
    generated: '2024-01-02T03:04:05.678Z',
    machine: {
      cpu: 'A processor of a fixture',
      cores: 2,
      memoryBytes: 12 * 2 ** 30,
      platform: 'linux x64',
      threads: 2,
      device: 'cpu',
    },
    versions: { legenda: '0.1.0', node: 'v20.19.0', onnxruntime: '1.30.0' },
    dataset: {
      name: 'fashion-mnist',
      source: 'the authors’ storage',
      sample: false,
      digests: { 'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888' },
      sizes: { train: 50_000, validation: 10_000, test: 10_000 },
    },
    networks: networks(),
    classifier: {
      recipe: 'fashion-cnn',
      command: 'legenda sweep fashion-cnn --grid lr=0.1,0.01,0.001 --seed 42',
      runs: [run(0.1, 0.11, 0.6, 3), run(0.01, 0.2, 0.68, 4), run(0.001, 0.41, 1.5, 5)],
      best: 1,
    },
    ran: [0.1, 0.01, 0.001].map((lr) => ({
      name: `runs-lr=${lr}`,
      dir: `runs/lr=${lr}`,
      record: { ...recordFixture(), configuration: { lr } },
      changed: { lr },
      state: 'done',
      epochs: 15,
      seconds: 600,
    })),
    timings: [
      { part: 'Counting the networks', seconds: 0.41 },
      { part: 'Three rates, 15 epochs each', seconds: 1834 },
      { part: 'Filters and confusions', seconds: 2.3 },
    ],
    notes: ['A note of the fixture.'],
  };
}

const classes = 'T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot'.split(',');

function run(learningRate: number, low: number, high: number, speed: number): ClassifierRun {
  let sum = 0;
  const epochs = Array.from({ length: 15 }, (_, i) => {
    const trainLoss = low + (high - low) * Math.exp(-i / speed);
    sum += trainLoss;
    const validationAccuracy =
      0.932 - 0.14 * trainLoss ** 0.9 - (learningRate === 0.1 ? 0.024 + 0.006 * Math.sin(3 * i) : 0);
    const rest = { validationLoss: trainLoss * 0.9 + 0.08, validationAccuracy, seconds: 40 + i / 10 };
    return { epoch: i + 1, trainLoss, trainLossSinceStart: sum / (i + 1), ...rest };
  });
  return {
    dir: `runs/lr=${learningRate}`,
    parameters: 769_930,
    seed: 42,
    setup: `lr=${learningRate}`,
    learningRate,
    configuration: { lr: learningRate },
    epochs,
    state: 'done',
    test: { loss: 0.28, accuracy: epochs.at(-1)!.validationAccuracy - 0.004, checkpoint: 'last' },
    bestEpoch: 15,
    reported: publishedRates.find((row) => row.learningRate === learningRate),
    filters: [
      { layer: 'conv1', kernels: kernels(16) },
      { layer: 'conv2', kernels: kernels(32) },
    ],
    confusion: { classes, counts: counts() },
  };
}

const kernels = (number: number): number[][][] =>
  Array.from({ length: number }, (_, k) =>
    [0, 1, 2].map((y) => [0, 1, 2].map((x) => Math.sin(k * k * 12.9898 + y * (k + 2) * 78.233 + x * (k + 5) * 37.719))),
  );

function counts(): number[][] {
  const matrix = classes.map((_, i) =>
    classes.map((_, j) => Math.max(0, Math.round(14 * Math.sin(3 * i + 5 * j + 1)))),
  );
  const alike = [0, 2, 4, 6];
  for (const i of alike) for (const j of alike) matrix[i]![j] = 40 + 11 * ((i + 2 * j) % 7);
  for (const [i, row] of matrix.entries()) {
    row[i] = 0;
    row[i] = 1000 - row.reduce((sum, number) => sum + number, 0);
  }
  return matrix;
}

type Layer = NetworkSummary['layers'][number];

const layer = (name: string, type: string, output: string, parameters = 0, formula = '', multiplyAdds = 0): Layer => ({
  name,
  type,
  output,
  parameters,
  formula,
  multiplyAdds,
});

const network = (
  name: string,
  title: string,
  input: string,
  expectedParameters: number,
  layers: Layer[],
): NetworkSummary => ({
  name,
  title,
  input,
  layers,
  parameters: layers.reduce((sum, { parameters }) => sum + parameters, 0),
  multiplyAdds: layers.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
  expectedParameters,
});

const networks = (): NetworkSummary[] => [
  network('conv-pool-linear', 'One convolution, one linear layer', '28×28×3', 10_298, [
    layer('conv', 'Conv2d', '24×24×8', 608, '(5·5·3)·8 + 8', 345_600),
    layer('pool', 'MaxPool2d', '11×11×8'),
    layer('flatten', 'Flatten', '968'),
    layer('linear', 'Linear', '10', 9_690, '968·10 + 10', 9_680),
    layer('softmax', 'Softmax', '10'),
  ]),
  network('mlp', 'Two linear layers', '28×28×3', 236_310, [
    layer('flatten', 'Flatten', '2352'),
    layer('linear1', 'Linear', '100', 235_300, '2352·100 + 100', 235_200),
    layer('linear2', 'Linear', '10', 1_010, '100·10 + 10', 1_000),
    layer('softmax', 'Softmax', '10'),
  ]),
  network('fashion-cnn', 'Two convolutions, three linear layers', '28×28×1', 769_930, [
    layer('conv1', 'Conv2d', '28×28×16', 160, '(3·3·1)·16 + 16', 112_896),
    layer('relu1', 'ReLU', '28×28×16'),
    layer('pool1', 'MaxPool2d', '14×14×16'),
    layer('conv2', 'Conv2d', '12×12×32', 4_640, '(3·3·16)·32 + 32', 663_552),
    layer('relu2', 'ReLU', '12×12×32'),
    layer('pool2', 'MaxPool2d', '6×6×32'),
    layer('flatten', 'Flatten', '1152'),
    layer('fc1', 'Linear', '600', 691_800, '1152·600 + 600', 691_200),
    layer('relu3', 'ReLU', '600'),
    layer('dropout', 'Dropout', '600'),
    layer('fc2', 'Linear', '120', 72_120, '600·120 + 120', 72_000),
    layer('relu4', 'ReLU', '120'),
    layer('fc3', 'Linear', '10', 1_210, '120·10 + 10', 1_200),
    layer('logSoftmax', 'LogSoftmax', '10'),
  ]),
];
