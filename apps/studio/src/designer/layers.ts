import { convPoolLinearDesign, type LayerDesign, mlpDesign, plainLayers } from 'legenda';

/** Fields of a layer that are typed, with what they are at first. */
export const fieldsOf: Readonly<Record<LayerDesign['type'], Readonly<Record<string, number>>>> = {
  Conv2d: { channels: 16, kernel: 3, stride: 1, padding: 0 },
  MaxPool2d: { kernel: 2, stride: 2 },
  AvgPool2d: { kernel: 2, stride: 2 },
  BatchNorm2d: {},
  Linear: { features: 10 },
  Dropout: { p: 0.3 },
  ...(Object.fromEntries(plainLayers.map((type) => [type, {}])) as Record<
    (typeof plainLayers)[number],
    Record<string, number>
  >),
};

export const layerTypes = Object.keys(fieldsOf) as readonly LayerDesign['type'][];

/** A layer that is edited. */
export interface EditedLayer {
  /** Its own while it is moved about. */
  readonly id: number;
  type: LayerDesign['type'];
  /** As typed; null where a field is empty. */
  fields: Record<string, number | null>;
}

let next = 0;

export const edited = ({ type, ...fields }: LayerDesign): EditedLayer => ({
  id: next++,
  type,
  fields: { ...fieldsOf[type], ...(fields as Record<string, number>) },
});

export const asDesign = ({ type, fields }: EditedLayer): LayerDesign =>
  ({
    type,
    ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? Number.NaN])),
  }) as LayerDesign;

/** Networks that are one click away. */
export const presets: Readonly<Record<string, { readonly channels: 1 | 3; readonly layers: readonly LayerDesign[] }>> =
  {
    'convolution, pooling, linear: the report’s first': { channels: 3, layers: convPoolLinearDesign },
    'two linear layers: the report’s second': { channels: 3, layers: mlpDesign },
    'a small one for Fashion-MNIST': {
      channels: 1,
      layers: [
        { type: 'Conv2d', channels: 8, kernel: 3, padding: 1 },
        { type: 'ReLU' },
        { type: 'MaxPool2d', kernel: 2 },
        { type: 'Conv2d', channels: 16, kernel: 3 },
        { type: 'ReLU' },
        { type: 'MaxPool2d', kernel: 2 },
        { type: 'Flatten' },
        { type: 'Linear', features: 64 },
        { type: 'ReLU' },
        { type: 'Linear', features: 10 },
        { type: 'LogSoftmax' },
      ],
    },
  };
