import type { ClassifierRun, Reproduction } from '../../src/report/data.js';
import { captionersFixture } from '../support/captioners.js';
import { explanationFixture } from '../support/explanation.js';
import { reproductionFixture } from '../support/reproduction.js';

/** A page as it usually is, with every part that it can have. */
export function usualPage(): Reproduction {
  const fixture = reproductionFixture();
  const classifier = { ...fixture.classifier, explained: explanationFixture() };
  return { ...fixture, classifier, captioners: captionersFixture() };
}

const unbroken = (length: number): string => 'abcdefghij'.repeat(Math.ceil(length / 10)).slice(0, length);

const folder = `/home/someone/${unbroken(60)}/runs/2024-01-02T03-04-05-678Z-fashion-cnn-lr=0.000123456789-seed=42`;

const words = (number: number): string =>
  Array.from({ length: number }, (_, i) => ['a', 'wide', 'riverbank', 'with', 'two', 'residential'][i % 6]!).join(' ');

/** A page whose names, numbers, lists and captions are all longer than one would wish. */
export function longPage(): Reproduction {
  const usual = reproductionFixture();
  const [network, ...networks] = usual.networks;
  const runs = longRuns(usual.classifier.runs[1]!);
  return {
    ...usual,
    mode: 'quick',
    title: `A comparison of convolutional and recurrent networks, and of ${unbroken(40)}`,
    machine: { ...usual.machine, cpu: `A processor ${unbroken(90)}`, memoryBytes: 123_456_789_012 * 2 ** 30 },
    dataset: {
      ...usual.dataset,
      sample: true,
      source: folder,
      digests: { [unbroken(80)]: usual.dataset.digests['train-images-idx3-ubyte']! },
      sizes: { train: 123_456_789_012, validation: 123_456_789_012, test: 123_456_789_012 },
    },
    networks: [
      {
        ...network!,
        title: `A network with a name as long as ${unbroken(50)}`,
        parameters: 123_456_789_012,
        multiplyAdds: 123_456_789_012,
        layers: network!.layers.map((layer) => ({
          ...layer,
          name: `features.inverted_residual_12.${layer.name}.depthwise`,
          formula: layer.formula && `${layer.formula} + ${layer.formula} + ${layer.formula}`,
          parameters: 123_456_789_012,
          multiplyAdds: 123_456_789_012,
        })),
      },
      ...networks,
    ],
    classifier: {
      ...{ ...usual.classifier, runs, command: `legenda sweep fashion-cnn --out ${folder}`, best: 3 },
      explained: { ...explanationFixture(Array.from({ length: 10 }, (_, i) => `${unbroken(30)} ${i}`)), dir: folder },
    },
    captioners: captionersFixture([
      { recipe: `captioner-${unbroken(60)}`, bleu4: 0.61, looks: false, caption: 'a river' },
      {
        ...{ recipe: 'captioner with attention and a name of many words that goes on', bleu4: 0.66, looks: true },
        ...{ caption: `${words(59)} ${unbroken(40)}`, file: `${folder}.png` },
        names: ['river', 'a field of sunflowers beside a road', unbroken(60), 'road', 'tree', 'car', 'ship', 'hut'],
      },
    ]),
    ran: usual.ran!.map((ran) => ({
      ...ran,
      name: `${unbroken(60)}-${ran.name}`,
      dir: `${folder}-${ran.name}`,
      changed: { ...ran.changed, out: folder, layers: Array.from({ length: 30 }, (_, i) => i) },
    })),
    timings: [{ part: `The part of ${folder}`, seconds: 123_456_789 }, ...usual.timings],
    notes: [`A note with an address: https://example.org/${unbroken(120)}`],
  };
}

/** Twelve, two at the same rate, not all come to their end, and with names of many classes. */
function longRuns(run: ClassifierRun): ClassifierRun[] {
  const rates = [0.5, 0.2, 0.1, 0.05, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.000123456789, 1e-12];
  const classes = Array.from({ length: 21 }, (_, i) => (i % 3 === 0 ? `dense residential, part ${i}` : `class ${i}`));
  classes[4] = unbroken(40);
  return rates.map((learningRate, i) => ({
    ...run,
    dir: `${folder}-${i}`,
    learningRate,
    state: i % 4 === 2 ? 'stopped-early' : i === 11 ? 'diverged' : 'done',
    reported: { trainingLoss: 123_456_789_012, validationAccuracy: 0.9, testAccuracy: 0.9 },
    epochs: run.epochs.map((epoch) => ({
      ...epoch,
      trainLoss: i === 11 ? Number.NaN : epoch.trainLoss * 10 ** i,
      trainLossSinceStart: epoch.trainLossSinceStart * 10 ** i,
    })),
    confusion: {
      classes,
      counts: classes.map((_, row) => classes.map((_, column) => (row === column ? 123_456 : (row * column) % 997))),
    },
  }));
}
