import { expect, it } from 'vitest';
import { configure } from '../recipes/configure.js';
import { sequential } from '../recipes/sequential.js';
import { convPoolLinear, mlp } from './classifier.js';
import { convPoolLinearDesign, DesignError, designed, type LayerDesign, mlpDesign, plainLayers } from './designed.js';
import { summarise } from './summary.js';

const image = [3, 28, 28];
const counted = (model: Parameters<typeof summarise>[0]) => summarise(model, { name: 'n', title: 't', image });

it.each([
  ['first', convPoolLinearDesign, convPoolLinear, 10_298],
  ['second', mlpDesign, mlp, 236_310],
] as const)('the report’s %s network is a list of layers', (_, design, model, parameters) => {
  const own = counted(designed(image, design).model);
  const theirs = counted(model());
  expect(own.parameters).toBe(parameters);
  expect(own.layers.map(({ name: _n, ...layer }) => layer)).toEqual(
    theirs.layers.map(({ name: _n, ...layer }) => layer),
  );
});

it('every layer there is gives its shape', () => {
  const layers: LayerDesign[] = [
    { type: 'Conv2d', channels: 4, kernel: 5, stride: 2, padding: 2 },
    { type: 'BatchNorm2d' },
    { type: 'AvgPool2d', kernel: 2 },
    { type: 'MaxPool2d', kernel: 3, stride: 1 },
    { type: 'Dropout', p: 0.5 },
    ...plainLayers.filter((type) => type !== 'Flatten').map((type) => ({ type })),
    { type: 'Flatten' },
    { type: 'Linear', features: 7 },
  ];
  const { outputs } = designed(image, layers);
  expect(outputs.slice(0, 4)).toEqual([
    [4, 14, 14],
    [4, 14, 14],
    [4, 7, 7],
    [4, 5, 5],
  ]);
  expect(outputs.slice(-2)).toEqual([[100], [7]]);
});

it.each<[LayerDesign[], number, string]>([
  [
    [{ type: 'Linear', features: 3 }],
    0,
    'layer 1, Linear: a vector is expected, [3,28,28] comes in: put Flatten before it',
  ],
  [
    [{ type: 'Flatten' }, { type: 'Conv2d', channels: 3, kernel: 3 }],
    1,
    'layer 2, Conv2d: channels, height and width are expected, [2352] comes in',
  ],
  [
    [{ type: 'Conv2d', channels: 0, kernel: 3 }],
    0,
    'layer 1, Conv2d: channels: a whole number from 1 is expected, 0 came',
  ],
  [[{ type: 'ReLU' }, { type: 'Conv2d', channels: 2, kernel: 30 }], 1, 'layer 2, Conv2d: '],
  [[{ type: 'Dropout', p: 1 }], 0, 'layer 1, Dropout: '],
])('%j is refused at its layer', (layers, layer, message) => {
  const attempt = () => designed(image, layers);
  expect(attempt).toThrow(DesignError);
  expect(attempt).toThrow(message);
  expect(() => designed(image, layers)).toThrow(expect.objectContaining({ layer }));
});

it('is a recipe, which ends in ten log-probabilities whatever its list ends in', () => {
  for (const end of [[], [{ type: 'Softmax' }], [{ type: 'LogSoftmax' }]]) {
    const layers = [{ type: 'Flatten' }, { type: 'Linear', features: 10 }, ...end];
    const model = sequential.model(configure(sequential, { layers }));
    const { layers: rows } = summarise(model, { name: 'n', title: 't', image: [1, 28, 28] });
    expect(rows.map(({ type }) => type)).toEqual(['Flatten', 'Linear', 'LogSoftmax']);
  }
  const eleven = [{ type: 'Flatten' }, { type: 'Linear', features: 11 }];
  expect(() => sequential.model(configure(sequential, { layers: eleven }))).toThrow(
    '10 numbers, one a class, are expected of the last, it gives [11]',
  );
  expect(() => configure(sequential, { layers: [{ type: 'Linear' }] })).toThrow('layers');
});
