import { accuracyByDistance } from '../../explain/equivariance/accuracy.js';
import type { ExplanationFile } from '../../explain/explanation-file.js';
import {
  type Block,
  type Figure,
  formula,
  heading,
  type Inline,
  math,
  paragraph,
  strong,
  type Table,
} from '../blocks.js';
import { shiftMaps } from '../figures/shift-maps.js';
import { commandLine, count, list, measure, small } from '../format.js';

/** A network whose answers to shifts are compared. */
export interface ShiftedNetwork {
  readonly dir: string;
  /** In a few words, such as `convolutions` or `linear layers alone`. */
  readonly name: string;
  readonly shifts: ExplanationFile['shifts'];
}

type LayerShifts = ExplanationFile['shifts']['layers'][number];

/** Equivariance of layers and invariance of whole networks, the first of which has convolutions. */
export function shiftBlocks(networks: readonly ShiftedNetwork[]): Block[] {
  const [own] = networks as [ShiftedNetwork, ...ShiftedNetwork[]];
  const dirs = networks.map(({ dir }) => dir);
  const command = commandLine('legenda', 'explain', 'equivariance', ...dirs, '--out', 'figures');
  const layers = own.shifts.layers.filter(({ path, type, ...layer }, i, all) => !repeats(layer, all[i - 1]));
  const measured = [
    { ...accuracyTable(networks), command },
    { ...accuracyMaps(networks), command },
  ];
  if (layers.length === 0)
    return [
      heading(3, 'shifts', 'What shifts cost'),
      paragraph('No layer makes images of images, so that there is none that could follow a shift.'),
      ...measured,
    ];
  return [
    heading(3, 'shifts', 'Why convolutions suit images'),
    paragraph(
      'A convolution uses the same weights at every place. So it does not matter whether an image is shifted before it or after: it is equivariant to translation. With ',
      math('T_s'),
      ' the shift by ',
      math('s'),
      ' pixels:',
    ),
    formula(
      'w * (T_s\\,x) = T_s\\,(w * x), \\qquad \\text{since} \\quad \\sum_u w_u\\,(T_s\\,x)_{p-u} = \\sum_u w_u\\,x_{(p-s)-u}',
      'w convolved with the shifted x is the shifted convolution of w and x, because the sum over u of w u times the shifted x at p minus u is the sum over u of w u times x at p minus s minus u',
    ),
    paragraph(
      'This was measured on the trained network, layer by layer: its input is shifted, and its output compared with the shifted output of the input as it was, at all places whose window lies within the picture. Pooling with a stride moves in steps: it follows shifts that its stride divides, and no others.',
    ),
    { ...errorsTable(layers), command },
    { ...errorMaps(layers), command },
    paragraph(
      'A classifier should not only follow a shift, but give the same answer: be invariant. That is only partly so, because the linear layers behind the convolutions have a weight of their own for every place.',
      ...compared(networks),
    ),
    ...measured,
  ];
}

/** What the farthest shifts cost each network, in words. */
function compared(networks: readonly ShiftedNetwork[]): Inline[] {
  const ends = networks.map(({ name, shifts }) => {
    const found = accuracyByDistance(shifts.accuracy);
    return { name, near: found[0]!, far: found.at(-1)! };
  });
  const said = ends.map(
    ({ name, near, far }) =>
      `${name} ${measure(near.accuracy - far.accuracy)} (${measure(near.accuracy)} to ${measure(far.accuracy)})`,
  );
  return [` By ${ends[0]!.far.pixels} pixels the accuracy falls: `, strong(list(said)), '.'];
}

/** A ReLU or the like behind a layer answers to shifts as that does. */
const repeats = (
  { stride, errors }: Pick<LayerShifts, 'stride' | 'errors'>,
  before: LayerShifts | undefined,
): boolean =>
  before !== undefined &&
  String(stride) === String(before.stride) &&
  errors.every(({ error }, i) => error === before.errors[i]?.error);

function errorsTable(layers: readonly LayerShifts[]): Table {
  return {
    block: 'table',
    id: 'equivariance',
    caption: [
      'How far each layer is from following a shift: the largest difference over the output’s largest value, at the worst shift.',
    ],
    columns: [
      { key: 'layer', title: 'Layer', code: true },
      { key: 'type', title: 'Type' },
      { key: 'stride', title: 'Stride' },
      { key: 'wholePlaces', title: 'shifts its stride divides', group: 'Largest error', format: small },
      { key: 'all', title: 'all shifts', group: 'Largest error', format: small },
      { key: 'follows', title: 'Below 10⁻⁵' },
    ],
    rows: layers.map(({ path, type, stride, ofWholePlaces, ofAll }) => {
      const isBelow = (error: number | undefined) => error !== undefined && error < 1e-5;
      const follows = isBelow(ofAll)
        ? 'at all shifts'
        : isBelow(ofWholePlaces)
          ? 'at those only'
          : ofAll === undefined
            ? undefined
            : 'no';
      return { layer: path, type, stride: stride.join('×'), wholePlaces: ofWholePlaces, all: ofAll, follows };
    }),
  };
}

function errorMaps(layers: readonly LayerShifts[]): Figure {
  const title = 'Equivariance error by shift';
  const figure = {
    title,
    description: list(
      layers.map(
        ({ path, ofAll }) =>
          `${path}: ${ofAll === undefined ? 'not measured' : ofAll < 1e-5 ? 'none' : `up to ${small(ofAll)}`}`,
      ),
    ),
    maps: layers.map(({ path, errors }) => ({
      name: path,
      cells: errors.map(({ shift, error }) => ({ shift, value: error ?? undefined })),
    })),
    format: small,
    // from a millionth, which is rounding, to 1
    strength: (value: number) => Math.min(1, Math.max(0, (Math.log10(Math.max(value, 1e-9)) + 6) / 6)),
  };
  return {
    block: 'figure',
    id: 'equivariance-error',
    title,
    caption: ['Error of each layer by shift, downwards and rightwards, in pixels of the layer’s own input.'],
    wide: shiftMaps(figure),
    narrow: shiftMaps({ ...figure, columns: 1, width: 360 }),
  };
}

function accuracyTable(networks: readonly ShiftedNetwork[]): Table {
  const found = networks.map(({ shifts }) => accuracyByDistance(shifts.accuracy));
  return {
    block: 'table',
    id: 'accuracy-by-distance',
    caption: [
      `Accuracy on ${count(networks[0]!.shifts.images)} test images that were shifted by so many pixels in one direction or both, the mean over directions.`,
    ],
    columns: [
      { key: 'pixels', title: 'Pixels', format: String },
      ...networks.map(({ name }, i) => ({ key: `network${i}`, title: name, format: measure })),
    ],
    rows: found[0]!.map(({ pixels }, row) => ({
      pixels,
      ...Object.fromEntries(found.map((own, i) => [`network${i}`, own[row]!.accuracy])),
    })),
  };
}

function accuracyMaps(networks: readonly ShiftedNetwork[]): Figure {
  const all = networks.flatMap(({ shifts }) => shifts.accuracy.map(({ accuracy }) => accuracy));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const title = 'Accuracy by shift';
  const ends = networks.map(({ name, shifts }) => {
    const own = shifts.accuracy.map(({ accuracy }) => accuracy);
    return `${name}: from ${measure(Math.min(...own))} to ${measure(Math.max(...own))}`;
  });
  const figure = {
    title,
    description: list(ends),
    maps: networks.map(({ name, shifts }) => ({
      name,
      cells: shifts.accuracy.map(({ shift, accuracy }) => ({ shift, value: accuracy })),
    })),
    format: (value: number) => value.toFixed(2).replace(/^0/, ''),
    strength: (value: number) => (high > low ? (value - low) / (high - low) : 1),
  };
  return {
    block: 'figure',
    id: 'accuracy-by-shift',
    title,
    caption: [
      'Accuracy when all test images are shifted, the stronger in colour the higher. In the middle, the images as they are.',
    ],
    wide: shiftMaps(figure),
    narrow: shiftMaps({ ...figure, columns: 1, width: 360 }),
  };
}
