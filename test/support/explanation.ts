import type { ExplanationFile } from '../../src/explain/explanation-file.js';
import type { ExplainedPart } from '../../src/report/data.js';

/** A grey pixel. */
const picture =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

const shiftsUpTo = (most: number): [number, number][] => {
  const range = Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
  return range.flatMap((down) => range.map((right): [number, number] => [down, right]));
};

const mean = (value: number) => ({ value, interval: [value - 0.01, value + 0.01] as const });

function shifts(fall: number): ExplanationFile['shifts'] {
  const layer = (path: string, type: string, stride: number): ExplanationFile['shifts']['layers'][number] => ({
    ...{ path, type, stride: [stride, stride], ofWholePlaces: 0, ofAll: stride === 1 ? 0 : 0.92 },
    errors: shiftsUpTo(3).map((shift) => ({ shift, error: shift.every((by) => by % stride === 0) ? 0 : 0.92 })),
  });
  const hasConvolutions = fall < 0.1;
  return {
    layers: hasConvolutions
      ? [
          layer('conv1', 'Conv2d', 1),
          layer('relu1', 'ReLU', 1),
          layer('pool1', 'MaxPool2d', 2),
          layer('conv2', 'Conv2d', 1),
        ]
      : [],
    accuracy: shiftsUpTo(3).map((shift) => ({
      shift,
      accuracy: 0.9 - fall * Math.hypot(...shift),
    })),
    images: 1000,
  };
}

const classes = 'T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot'.split(',');

const layer = (path: string, type: string, channels: number, high: number): ExplanationFile['layers'][number] => ({
  ...{ path, type, channels },
  selectivity: Array.from({ length: channels }, (_, i) => high * (0.6 + 0.4 * Math.sin(i))),
  shown:
    type === 'Conv2d'
      ? Array.from({ length: 8 }, (_, channel) => ({
          channel,
          exciting: Array.from({ length: 6 }, (_, i) => ({
            ...{ image: i, picture, class: classes[(channel + i) % 10]!, value: 7 - i },
            ...(channel !== 3 && { box: [0.25, 0.25, 0.5, 0.5] as const }),
          })),
          ...(channel !== 5 && { maximised: { picture, value: 9 } }),
        }))
      : [],
});

/** A fixture: an explanation that nobody measured. @param names of the classes */
export const explanationFixture = (names: readonly string[] = classes): ExplainedPart => ({
  dir: 'runs/lr=0.01',
  explanation: {
    ...{ format: 2, step: 93_750, seed: 42, images: 2000, classes: names },
    filters: [
      {
        ...{ layer: 'conv1', filters: 16, channels: 1, picture, drawn: [16, 1], aspect: 0.05 },
        orientation: { trained: mean(0.21), initial: mean(0.12), change: mean(0.09) },
      },
      {
        ...{ layer: 'conv2', filters: 128, channels: 16, picture, drawn: [64, 16], aspect: 0.25 },
        orientation: { trained: mean(0.13), initial: mean(0.13), change: mean(0) },
      },
    ],
    shifts: shifts(0.08),
    layers: [
      layer('conv1', 'Conv2d', 16, 0.2),
      layer('relu1', 'ReLU', 16, 0.2),
      layer('conv2', 'Conv2d', 32, 0.4),
      layer('relu2', 'ReLU', 32, 0.4),
      layer('fc1', 'Linear', 600, 0.9),
      layer('relu3', 'ReLU', 600, 0.9),
    ],
    activations: [
      {
        image: 0,
        name: names[9]!,
        picture,
        layers: [{ path: 'conv1', picture, aspect: 0.25, channels: 16, drawn: 16 }],
      },
    ],
    decisions: [9, 2, 4].map((label, i) => ({
      ...{ image: i, name: names[label]!, class: names[label]!, said: names[i === 2 ? 6 : label]!, probability: 0.97 },
      ...{ picture, saliency: picture, integrated: picture, occlusion: picture },
      completeness: { difference: 7.3, sum: 7.28, pieces: 80 },
    })),
  },
  beside: { dir: 'runs/fashion-mlp', shifts: shifts(0.15) },
});
