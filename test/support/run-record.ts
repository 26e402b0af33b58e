import type { RunRecord } from '../../src/train/record.js';

/** A fixture: the record of a run of `fashion-cnn` that never ran. */
export const recordFixture = (): RunRecord => ({
  format: 1,
  recipe: 'fashion-cnn',
  title: 'A fixture',
  configuration: { lr: 0.01 },
  seed: 42,
  versions: { legenda: '0.1.0', node: 'v20.19.0', onnxruntime: '1.30.0' },
  machine: { cpu: 'a processor', cores: 2, memoryBytes: 8e9, platform: 'linux x64', threads: 2, device: 'cpu' },
  dataset: {
    name: 'fashion-mnist',
    source: 'a fixture',
    sample: true,
    digests: {},
    sizes: { train: 9, validation: 9, test: 9 },
  },
  parameters: 769_930,
  created: '2024-01-02T03:04:05.678Z',
});
