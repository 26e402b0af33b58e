import type { ExplanationFile } from '../../explain/explanation-file.js';
import { meanOf } from '../../metrics/spread.js';
import { type Block, type Figure, heading, paragraph, type Table } from '../blocks.js';
import { type PictureSheet, pictureSheet } from '../figures/pictures.js';
import { spreads } from '../figures/spreads.js';
import { commandLine, count, list, slug } from '../format.js';
import { numbersOf } from './numbers.js';

type Layer = ExplanationFile['layers'][number];

/** What the layers of a classifier see, from filters to what excites them. @param firsts its filters' first channels */
export function layerBlocks(explanation: ExplanationFile, dir: string, firsts: readonly Figure[]): Block[] {
  const { layers, seed } = explanation;
  const of = numbersOf(explanation.activations);
  const options = [...(of === '' ? [] : ['--of', of]), '--seed', String(seed)];
  const activations = commandLine('legenda', 'explain', 'activations', dir, ...options, '--out', 'figures');
  const shown = layers.filter((layer) => layer.shown.length > 0);
  return [
    heading(3, 'layers', 'What the layers see'),
    ...firsts,
    ...filterBlocks(explanation.filters, dir),
    ...activationFigures(explanation.activations).map((figure) => ({ ...figure, command: activations })),
    ...(shown.length > 0
      ? [
          paragraph(
            'A channel can be asked what excites it most: among the test images, and among all pictures that there could be, by gradient ascent on the pixels. The higher a layer, the larger the part that it sees.',
          ),
        ]
      : []),
    ...shown.map((layer) => ({ ...excitingFigure(layer), command: activations })),
    ...selectivityBlocks(explanation, activations),
  ];
}

/** All input channels, and how much filters prefer a direction. */
export function filterBlocks(filters: ExplanationFile['filters'], dir: string): Block[] {
  if (filters.length === 0) return [];
  const command = commandLine('legenda', 'explain', 'filters', dir, '--out', 'figures');
  return [
    ...filters.filter(({ channels }) => channels > 1).map((layer) => ({ ...allFilters(layer), command })),
    paragraph(
      'A measure says more than the eye: how much a filter prefers edges of one direction, from 0 (all alike) to 1 (one only), which is 1 minus the circular variance of its answers to gratings (Ringach and others, 2002). Filters that training began from, drawn at random, are what chance gives.',
    ),
    { ...orientationTable(filters), command },
  ];
}

function allFilters({ layer, filters, channels, drawn, aspect, picture }: ExplanationFile['filters'][number]): Figure {
  const some =
    drawn[0] < filters || drawn[1] < channels ? ` (the first ${drawn[0]} filters and ${drawn[1]} channels)` : '';
  const title = `All ${filters} filters of ${layer}, every input channel`;
  const sheet = {
    title,
    description: `${drawn[0]} filters side by side, with their weights for ${drawn[1]} input channels one below the other; grey is 0.`,
    rows: [{ tiles: [{ picture }] }],
    aspect,
  };
  return {
    block: 'figure',
    id: `filters-all-${slug(layer)}`,
    title,
    caption: [
      `Every filter of ${layer} is a column, with its weights for each input channel one below the other${some}. Mid-grey is 0, white a weight as large as its largest in size, black as much below 0.`,
    ],
    wide: pictureSheet({ ...sheet, most: 720 }),
    narrow: pictureSheet({ ...sheet, width: 360, most: 360 }),
  };
}

function orientationTable(filters: ExplanationFile['filters']): Table {
  const share = (value: number) => value.toFixed(3);
  const interval = ([low, high]: readonly [number, number]) => `${share(low)} to ${share(high)}`;
  return {
    block: 'table',
    id: 'orientation',
    caption: [
      'Orientation selectivity of filters, the mean over all filters with its 95 % bootstrap interval, a filter’s own being the mean over its input channels: after training, and before. The verdict is that of the interval of the change, filter by filter.',
    ],
    columns: [
      { key: 'layer', title: 'Layer', code: true },
      { key: 'kernels', title: 'Kernels', format: count },
      { key: 'trained', title: 'mean', group: 'Trained', format: share },
      { key: 'trainedInterval', title: 'interval', group: 'Trained' },
      { key: 'initial', title: 'mean', group: 'At the start', format: share },
      { key: 'initialInterval', title: 'interval', group: 'At the start' },
      { key: 'verdict', title: 'Training made them' },
    ],
    rows: filters.map(({ layer, filters: out, channels, orientation: { trained, initial, change } }) => ({
      layer,
      kernels: out * channels,
      trained: trained.value,
      trainedInterval: interval(trained.interval),
      initial: initial?.value,
      initialInterval: initial && interval(initial.interval),
      verdict: change && changedTo(change.interval),
    })),
  };
}

const changedTo = ([low, high]: readonly [number, number]): string =>
  low > 0 ? 'more selective' : high < 0 ? 'less selective' : 'no different';

/** A figure a layer: what it makes of each image. */
export function activationFigures(activations: ExplanationFile['activations']): Figure[] {
  const layers = activations[0]?.layers ?? [];
  return layers.map(({ path, channels, drawn }, i) => {
    const title = `What ${path} makes of ${activations.length === 1 ? 'an image' : 'images'}`;
    const all = drawn < channels ? `the first ${drawn} of ${channels}` : `all ${channels}`;
    const sheet = {
      title,
      description: `Maps of ${all} channels, eight in a row, for ${list(activations.map(({ name }) => name))}.`,
      rows: activations.map((image) => ({ tiles: [{ picture: image.layers[i]!.picture, label: image.name }] })),
      aspect: activations[0]!.layers[i]!.aspect,
    };
    return {
      block: 'figure',
      id: `activations-${slug(path)}`,
      title,
      caption: [
        `What ${all} channels of ${path} give for a test image each, from the smallest value (black) to the largest (white).`,
      ],
      wide: pictureSheet({ ...sheet, most: 600 }),
      narrow: pictureSheet({ ...sheet, width: 360, most: 360 }),
    };
  });
}

/** What excites some channels of a layer. */
export function excitingFigure({ path, channels, shown }: Layer): Figure {
  const hasPictures = shown.some(({ maximised }) => maximised);
  const title = `What excites ${path}`;
  const sheet = {
    title,
    description: list(
      shown.map(({ channel, exciting }) => {
        const classes = [...new Set(exciting.map((one) => one.class))];
        return `channel ${channel}: ${classes.join(', ')}`;
      }),
    ),
    rows: shown.map(({ channel, exciting, maximised }) => ({
      label: String(channel),
      tiles: [
        ...exciting.map(({ picture, class: name, value, box }) => ({
          picture,
          label: `${shortened(name)} ${value.toPrecision(2)}`,
          ...(box && { box }),
        })),
        ...(maximised
          ? [{ picture: maximised.picture, label: `made ${maximised.value.toPrecision(2)}`, important: true }]
          : []),
      ],
    })),
  };
  const wholeOrPart = shown.some(({ exciting }) => exciting.some(({ box }) => box))
    ? ' The part that excites it is framed.'
    : '';
  return {
    block: 'figure',
    id: `exciting-${slug(path)}`,
    title,
    caption: [
      `The test images that excite channels of ${path} most (the first ${shown.length} of ${channels}), with the channel’s largest value in each.${wholeOrPart}`,
      ...(hasPictures ? [' Last in each row, a picture made to excite it, by gradient ascent.'] : []),
    ],
    wide: pictureSheet(sheet),
    narrow: pictureSheet({ ...narrowed(sheet), width: 360 }),
  };
}

/** A phone has room for three images and the picture that was made. */
function narrowed(sheet: PictureSheet): PictureSheet {
  return {
    ...sheet,
    rows: sheet.rows.map(({ tiles, ...row }) => ({
      ...row,
      tiles: tiles.filter(({ important }, i) => i < 3 || important),
    })),
  };
}

const shortened = (name: string): string => name.split(/[ /]/)[0]!;

const activationTypes = new Set(['ReLU', 'LeakyReLU', 'GELU', 'SiLU', 'Sigmoid', 'Tanh']);

function selectivityBlocks({ layers, images, classes }: ExplanationFile, command: string): Block[] {
  const figure = selectivityFigure(layers, images);
  if (figure === undefined) return [];
  const active = activeOf(layers);
  const means = active.map(meanSelectivity);
  const highest = means.indexOf(Math.max(...means));
  const rises = highest > 0 && means[highest]! - means[0]! > 0.1 && means.at(-1)! > means[0]!;
  return [
    paragraph(
      `How much a channel prefers one of the ${classes.length} classes is measured by its mean answers to each: (largest − mean of the others) over (largest + mean of the others), from 0 to 1 (Morcos and others, 2018). `,
      rises
        ? `It rises from ${means[0]!.toFixed(2)} behind the first layer to ${means[highest]!.toFixed(2)} in ${active[highest]!.path}: bottom layers hold what all classes share, top layers what tells them apart.`
        : `By layer its mean is ${list(means.map((mean) => mean.toFixed(2)))}.`,
    ),
    { ...figure, command },
  ];
}

const activeOf = (layers: readonly Layer[]): Layer[] => layers.filter(({ type }) => activationTypes.has(type));

const meanSelectivity = ({ selectivity }: Layer): number => meanOf(selectivity);

/** Class selectivity behind every activation function; undefined with fewer than two. @param images that it was measured on */
export function selectivityFigure(layers: readonly Layer[], images: number): Figure | undefined {
  const active = activeOf(layers);
  if (active.length < 2) return undefined;
  const title = 'Class selectivity by depth';
  const figure = {
    title,
    description: list(active.map((layer) => `${layer.path}: mean ${meanSelectivity(layer).toFixed(2)}`)),
    y: 'class selectivity',
    groups: active.map(({ path, selectivity }) => ({ name: path, values: selectivity })),
  };
  return {
    block: 'figure',
    id: 'selectivity',
    title,
    caption: [
      `Class selectivity of the channels of each layer, over ${count(images)} test images: the mean (a circle, with its value), the middle half (the bar), and nine tenths (the line).`,
    ],
    wide: spreads(figure),
    narrow: spreads({ ...figure, width: 360 }),
  };
}
